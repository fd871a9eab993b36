package demo

func showBrusselsThird(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("order"), Says: []string{"B-2026/1188", "eu.gdpr.third_country_order", "Article 48", "redirect"}},
		{As: Reviewer, Page: p.Page("order") + "/law", Says: []string{"Regulation (EU) 2016/679, Article 48", "Convention on Cybercrime, Articles 29, 35", "Copenhagen", "Nordwind Cloud A/S"}},
		{File: p.Kept("order.redirect"), Says: []string{"Eine Anordnung eines Drittlands ist gegen uns als solche nicht vollstreckbar", "Budapester Übereinkommens"}, Not: []string{"Yours"}},
	}
}

func showBrusselsProsecutor(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("epoc1"), Says: []string{"2214/2026 RGNR", "eu.evidence.authority", "seidel-mail", "reject"}},
		{File: p.Kept("epoc1.annex-three"), Says: []string{"Procura della Repubblica di Portoscuro", "allegato III"}},
		{As: Reviewer, Page: "/register/preservation", Says: []string{"seidel-mail"}},
	}
}

func showBrusselsJudge(p *Play) []Show {
	return []Show{
		{As: Counsel, Page: p.Page("epoc2"), Says: []string{"1907/2026 GIP", "eu.evidence.answer_notified", "Fri 9 Oct, 01:00 Copenhagen", "eu.evidence.notified", string(p.ID("epoc1"))}},
		{As: Counsel, Page: p.Page("epoc2.silence"), Says: []string{"Annex I, section H", "controller", "2027"}},
	}
}

func showBrusselsPreserve(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("epocpr"), Says: []string{"2301/2026 RGNR", "seidel-files", "eu.evidence.preserve", "Mon 30 Nov, 24:00 Copenhagen"}},
		{File: p.Kept("epocpr.preserved"), Says: []string{"Procura della Repubblica di Portoscuro"}},
	}
}

func showBrusselsAhead(p *Play) []Show {
	return []Show{
		{As: Counsel, Page: p.Page("epoc2"), Says: []string{p.Kept("grant"), "Goes by itself at", "if a person has said within ten minutes before", "deadline.not_before", Counsel}},
		{As: Counsel, Page: "/queue", Says: []string{string(p.ID("epoc2"))}},
	}
}

func showBrusselsWord(p *Play) []Show {
	return []Show{
		{As: Counsel, Page: p.Page("epoc2"), Says: []string{"Goes by itself at", "deadline.not_before"}},
		{Command: []string{"gate", "status", p.grants["grant"].ID}, Says: []string{"said Fri 9 Oct, 00:55 Copenhagen by " + Deputy}},
	}
}

func showBrusselsMidnight(p *Play) []Show {
	return []Show{
		{As: Counsel, Page: p.Page("epoc2"), Says: []string{p.Kept("grant"), "Release ended"}, Not: []string{"Goes by itself at"}},
		{Command: p.VerifyCommand("grant", "it-tribunale"), Says: []string{"Everything holds", string(p.ID("epoc2"))}},
	}
}

func showBrusselsSafe(*Play) []Show {
	return []Show{{Command: []string{"customer", "show", "c-dahl"}, Says: []string{"Copenhagen, Danmark", "gennem vores repræsentant", "danske myndigheder kan ikke", "Article 48", "Hvad vi har afvist", "anmodninger modtaget", "afvist;"}}}
}

func showBrusselsExtended(p *Play) []Show {
	return []Show{{As: Reviewer, Page: p.Page("epocpr"), Says: []string{"seidel-files", "eu.evidence.preserve_extended", "Wed 30 Dec, 01:00 Copenhagen", "Annex VI"}}}
}

func showBrusselsDestroyed(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("epocpr"), Says: []string{"seidel-files", "destroyed"}},
		{As: Reviewer, Page: p.Page("epoc1"), Says: []string{"seidel-mail", "produced"}},
	}
}
