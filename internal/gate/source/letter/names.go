package letter

import "strings"

const (
	monthNames   = "janfebmaraprmayjunjulaugsepoctnovdec"
	weekdayNames = "sunmontuewedthufrisat"
)

var fullWeekdays = [...]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// month gives 1 to 12 for an English name of three letters, else 0.
func month(b []byte) int { return place3(monthNames, b) }

// isWeekday accepts the English names, in full or in three letters.
func isWeekday(b []byte) bool {
	if len(b) == 3 {
		return place3(weekdayNames, b) > 0
	}
	for _, n := range fullWeekdays {
		if len(n) == len(b) && strings.EqualFold(n, string(b)) {
			return true
		}
	}
	return false
}

// place3 finds three letters in a list of names of three letters, from 1.
func place3(names string, b []byte) int {
	if len(b) != 3 {
		return 0
	}
	x, y, z := lower(b[0]), lower(b[1]), lower(b[2])
	for i := 0; i < len(names); i += 3 {
		if names[i] == x && names[i+1] == y && names[i+2] == z {
			return i/3 + 1
		}
	}
	return 0
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// isZoneName accepts one to five ASCII letters.
func isZoneName(b []byte) bool {
	if len(b) == 0 || len(b) > 5 {
		return false
	}
	for _, c := range b {
		if c = lower(c); c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// offset gives a zone's seconds ahead of UTC. No zone, and a name outside RFC
// 5322 §4.3, is accepted and unknown. AM and PM are no zones: they make another
// clock of the one before them.
func offset(zone []byte) (seconds int64, known, ok bool) {
	if len(zone) == 0 {
		return 0, false, true
	}
	if zone[0] == '+' || zone[0] == '-' {
		hhmm, digits := number(zone[1:])
		if !digits || len(zone) != 5 || hhmm%100 > 59 || hhmm > 1400 {
			return 0, false, false
		}
		s := int64(hhmm/100*3600 + hhmm%100*60)
		if zone[0] == '-' {
			s = -s
		}
		return s, true, true
	}
	if !isZoneName(zone) || halfDay(zone) {
		return 0, false, false
	}
	hours, known := namedOffset(zone)
	return hours * 3600, known, true
}

func halfDay(b []byte) bool { return is(b, "am") || is(b, "pm") }

func namedOffset(zone []byte) (hours int64, known bool) {
	var name [5]byte
	for i, c := range zone {
		name[i] = lower(c)
	}
	switch string(name[:len(zone)]) {
	case "ut", "utc", "gmt", "z":
		return 0, true
	case "edt":
		return -4, true
	case "est", "cdt":
		return -5, true
	case "cst", "mdt":
		return -6, true
	case "mst", "pdt":
		return -7, true
	case "pst":
		return -8, true
	}
	return 0, false
}
