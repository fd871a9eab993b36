package fact

import "strings"

// circuits lists the federal courts of appeals of the United States with the
// district courts of each (28 USC 41, 81–131; territorial courts 48 USC 1424,
// 1614, 1821). The order is part of the binary form.
var circuits = []string{
	"us.1st_cir us.d_mass us.d_me us.d_nh us.d_pr us.d_ri",
	"us.2d_cir us.d_conn us.d_vt us.edny us.ndny us.sdny us.wdny",
	"us.3d_cir us.d_del us.d_nj us.d_vi us.edpa us.mdpa us.wdpa",
	"us.4th_cir us.d_md us.d_sc us.ednc us.mdnc us.wdnc us.edva us.wdva us.ndwva us.sdwva",
	"us.5th_cir us.edla us.mdla us.wdla us.ndmiss us.sdmiss us.edtex us.ndtex us.sdtex us.wdtex",
	"us.6th_cir us.edky us.wdky us.edmich us.wdmich us.ndohio us.sdohio us.edtenn us.mdtenn us.wdtenn",
	"us.7th_cir us.cdill us.ndill us.sdill us.ndind us.sdind us.edwis us.wdwis",
	"us.8th_cir us.d_minn us.d_nd us.d_neb us.d_sd us.edark us.wdark us.ndiowa us.sdiowa us.edmo us.wdmo",
	"us.9th_cir us.d_alaska us.d_ariz us.d_guam us.d_haw us.d_idaho us.d_mont us.d_nev us.d_nmi us.d_or us.cdcal us.edcal us.ndcal us.sdcal us.edwash us.wdwash",
	"us.10th_cir us.d_colo us.d_kan us.d_nm us.d_utah us.d_wyo us.edokla us.ndokla us.wdokla",
	"us.11th_cir us.mdala us.ndala us.sdala us.mdfla us.ndfla us.sdfla us.mdga us.ndga us.sdga",
	"us.dc_cir us.ddc",
	"us.fed_cir",
}

// otherForums are courts outside the circuits, and the courts of a state as one.
const otherForums = "us.supreme us.fisc us.state us.military eu ie de dk it uk other"

func forums() []string {
	return strings.Fields(strings.Join(circuits, " ") + " " + otherForums)
}

// WithinForum lists the forums that a name covers: a court of appeals covers
// its district courts, every other forum itself. It is empty for an unknown name.
func WithinForum(name string) []string {
	for _, c := range circuits {
		if f := strings.Fields(c); f[0] == name {
			return f
		}
	}
	if _, ok := schema[Forum].Index(name); ok {
		return []string{name}
	}
	return nil
}
