package law

import (
	"strings"

	"counterseal/internal/fact"
	"counterseal/internal/problem"
)

// place is where a period is counted: the zone of its days and its holidays.
type place struct{ zone, calendar string }

// countries are the states whose days we can count. For the United States
// without a court it is the time of the seat of government.
var countries = map[string]place{
	"US": {"America/New_York", "us"},
	"IE": {"Europe/Dublin", "ie"},
	"DK": {"Europe/Copenhagen", "dk"},
	"DE": {"Europe/Berlin", "de"},
	"IT": {"Europe/Rome", "it"},
	"GB": {"Europe/London", "gb"},
}

// courts gives the zone in which each forum's days are counted: that of the
// court's seat. Districts that lie in two zones are counted at their seat.
var courts = map[string]string{
	"America/New_York": `us.1st_cir us.d_mass us.d_me us.d_nh us.d_ri us.2d_cir us.d_conn us.d_vt us.edny us.ndny us.sdny us.wdny us.3d_cir us.d_del
		us.d_nj us.edpa us.mdpa us.wdpa us.4th_cir us.d_md us.d_sc us.ednc us.mdnc us.wdnc us.edva us.wdva us.ndwva us.sdwva us.6th_cir us.edky us.edmich
		us.wdmich us.ndohio us.sdohio us.edtenn us.11th_cir us.mdfla us.ndfla us.sdfla us.mdga us.ndga us.sdga us.dc_cir us.ddc us.fed_cir us.supreme us.fisc`,
	"America/Puerto_Rico": "us.d_pr us.d_vi",
	"America/Chicago": `us.5th_cir us.edla us.mdla us.wdla us.ndmiss us.sdmiss us.edtex us.ndtex us.sdtex us.wdtex us.mdtenn us.wdtenn us.7th_cir us.cdill
		us.ndill us.sdill us.edwis us.wdwis us.8th_cir us.d_minn us.d_nd us.d_neb us.d_sd us.edark us.wdark us.ndiowa us.sdiowa us.edmo us.wdmo us.d_kan
		us.edokla us.ndokla us.wdokla us.mdala us.ndala us.sdala`,
	"America/Kentucky/Louisville":  "us.wdky",
	"America/Indiana/Indianapolis": "us.ndind us.sdind",
	"America/Denver":               "us.10th_cir us.d_colo us.d_nm us.d_utah us.d_wyo us.d_mont",
	"America/Boise":                "us.d_idaho",
	"America/Phoenix":              "us.d_ariz",
	"America/Los_Angeles":          "us.9th_cir us.d_nev us.d_or us.cdcal us.edcal us.ndcal us.sdcal us.edwash us.wdwash",
	"America/Anchorage":            "us.d_alaska",
	"Pacific/Honolulu":             "us.d_haw",
	"Pacific/Guam":                 "us.d_guam us.d_nmi",
}

// placeKnown says whether a pack may count there.
func placeKnown(name string) bool {
	k, known := fact.Lookup(name)
	_, country := countries[name]
	return country || name == "forum" || known && k.Def().Type == fact.Country
}

// placeOf finds a place by country, or by forum where one is given. The error is
// law.no_calendar.
func placeOf(country, forum string) (place, error) {
	if forum == "" {
		if p, ok := countries[country]; ok {
			return p, nil
		}
		return place{}, problem.New(problem.Missing, "law.no_calendar", "no calendar of %s comes with the program; ask counsel for the date", country)
	}
	if p, ok := countries[strings.ToUpper(forum)]; ok {
		return p, nil
	}
	if forum == "uk" {
		return countries["GB"], nil
	}
	for zone, list := range courts {
		for _, f := range strings.Fields(list) {
			if f == forum {
				return place{zone, "us"}, nil
			}
		}
	}
	return place{}, problem.New(problem.Missing, "law.no_calendar", "the forum %s is counted in no one place; ask counsel for the date", forum)
}
