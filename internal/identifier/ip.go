package identifier

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zone rules on machines that have none
)

// readIP reads a network address, a port if one is stated, and an instant:
//
//	198.51.100.7:4711 2026-09-14T14:40:12+01:00
//	[2001:db8::1]:443 2026-09-14 14:40:12 Europe/London
//	198.51.100.7 port 4711 at 2026-09-14 13:40:12 UTC
func readIP(s string) (Identifier, error) {
	words := strings.Fields(strings.ReplaceAll(s, "\u00a0", " "))
	id, err := endpoint(words[0])
	if err != nil {
		return Identifier{}, err
	}
	words = words[1:]
	if len(words) > 1 && lowerASCII(words[0]) == "port" {
		p, err := port(words[1])
		if err != nil || id.Port != 0 {
			return Identifier{}, malformed("a port is one number from 1 to 65535")
		}
		id.Port, words = p, words[2:]
	}
	if len(words) > 0 && lowerASCII(words[0]) == "at" {
		words = words[1:]
	}
	id.Normal = id.Addr.String()
	if id.Port == 0 {
		id.Notes = append(id.Notes, "No port was stated: where a carrier lets several customers share an address, the address and the time alone do not tell them apart.")
	}
	if len(words) == 0 {
		return id, nil
	}
	id.At, err = instant(words)
	return id, err
}

func endpoint(s string) (Identifier, error) {
	var id Identifier
	host := s
	if strings.HasPrefix(s, "[") || strings.Count(s, ":") == 1 {
		i := strings.LastIndexByte(s, ':')
		if strings.HasSuffix(s, "]") {
			i = len(s)
		}
		host = strings.TrimSuffix(strings.TrimPrefix(s[:max(i, 0)], "["), "]")
		if i >= 0 && i < len(s) {
			p, err := port(s[i+1:])
			if err != nil {
				return id, malformed("a port is one number from 1 to 65535")
			}
			id.Port = p
		}
	}
	a, err := netip.ParseAddr(host) // refuses leading zeros, which some read as octal
	if err != nil || a.Zone() != "" {
		return id, malformed("a network address is one of IPv4 or IPv6, without a zone").Because(err)
	}
	a = a.Unmap()
	if a.IsUnspecified() || a.IsLoopback() || a.IsMulticast() {
		return id, malformed("this network address is nobody's")
	}
	id.Addr = a
	return id, nil
}

func port(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != s {
		return 0, strconv.ErrSyntax
	}
	return uint16(n), nil
}

// instant reads date, time and zone. Everything that would leave more than one
// second is refused: no seconds, no zone, a zone's abbreviation (BST is two), an
// hour that a clock showed twice or never.
func instant(words []string) (time.Time, error) {
	wall, zone := strings.ToUpper(words[0]), ""
	rest := words[1:]
	if !strings.Contains(wall, "T") && len(rest) > 0 {
		wall, rest = wall+"T"+strings.ToUpper(rest[0]), rest[1:]
	}
	if len(rest) > 1 {
		return time.Time{}, malformed("after the address come a date, a time and a zone, and nothing else")
	}
	if len(rest) == 1 {
		zone = rest[0]
	}
	if zone == "" {
		if at, err := time.Parse("2006-01-02T15:04:05Z07:00", wall); err == nil && len(wall) >= len("2006-01-02T15:04:05Z") {
			return bounded(at)
		}
	}
	local, err := time.Parse("2006-01-02T15:04:05", wall)
	if err != nil {
		return time.Time{}, ambiguous("a time is stated to the second").Fix("ask for it as 2026-09-14T14:40:12Z").Because(err)
	}
	if zone == "" {
		return time.Time{}, ambiguous("a time without its zone").Fix("ask for the zone, as in 2026-09-14T14:40:12Z or 14:40:12 Europe/London")
	}
	return inZone(local, zone)
}

func inZone(local time.Time, zone string) (time.Time, error) {
	if z := strings.ToUpper(zone); z == "UTC" || z == "GMT" || z == "Z" {
		return bounded(local)
	}
	for _, layout := range []string{"-07:00", "-0700"} {
		if o, err := time.Parse(layout, zone); err == nil {
			_, east := o.Zone()
			return bounded(local.Add(-time.Duration(east) * time.Second))
		}
	}
	// Etc/GMT+1 is an hour behind: its sign is the other way round.
	if !strings.Contains(zone, "/") || strings.HasPrefix(zone, "Etc/") {
		return time.Time{}, ambiguous("the abbreviation of a zone stands for several").Fix("ask for the offset, as in +01:00, or the place, as in Europe/London")
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, malformed("there is no time zone %.40q", zone).Because(err)
	}
	var found []time.Time
	for _, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, east := local.Add(near).In(loc).Zone()
		t := local.Add(-time.Duration(east) * time.Second)
		if _, is := t.In(loc).Zone(); is == east && (len(found) == 0 || !found[0].Equal(t)) {
			found = append(found, t)
		}
	}
	switch len(found) {
	case 0:
		return time.Time{}, malformed("clocks in %s never showed this time on that day", zone)
	case 1:
		return bounded(found[0])
	}
	return time.Time{}, ambiguous("clocks in %s showed this time twice on that day", zone).Fix("ask for the offset, as in +01:00")
}

func bounded(t time.Time) (time.Time, error) {
	t = t.UTC().Truncate(time.Second)
	if y := t.Year(); y < 1970 || y > 2099 {
		return time.Time{}, malformed("the time lies outside the years 1970 to 2099")
	}
	return t, nil
}
