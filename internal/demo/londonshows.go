package demo

func showLondonBefore(p *Play) []Show {
	return []Show{{As: Reviewer, Page: p.Page("keep"), Says: []string{"TP/26/8801", "Thamesford Police", "by mail"}, Not: []string{"flagged mailbox"}}}
}

func showLondonForged(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("forged"), Says: []string{"TP/26/8817", "provider.emergency.call_back", "provider.emergency.narrow", "DKIM signature, which was not checked", controlRoom, inTheMail}},
		{As: Reviewer, Page: "/queue", Says: []string{string(p.ID("forged"))}},
		{Command: []string{"agency", "show", "gb-thamesford"}, Says: []string{"at any hour " + controlRoom}, Not: []string{inTheMail}},
	}
}

func showLondonRefused(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("forged"), Says: []string{"Not genuine: called back on " + controlRoom, "flagged mailbox: called back on 14 September 2026", "reject", "it is not theirs"}},
		{File: p.Kept("forged.call-back-failed"), Says: []string{"Thamesford Police", "14 September 2026"}},
		{As: Reviewer, Page: p.Page("keep"), Says: []string{"flagged mailbox"}},
		{As: Reviewer, Page: p.Page("again"), Says: []string{"flagged mailbox"}},
		{Command: []string{"agency", "show", "gb-thamesford"}, Says: []string{"flagged " + policeDesk, "by " + Reviewer}},
	}
}

func showLondonGenuine(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("urgent"), Says: []string{"TF-CR-26-0914/3", "eu.gdpr.voluntary_basis", "Article 6(1)", "eu.gdpr.voluntary_transfer", "provider.emergency.call_back", "callback.missing", "through the portal",
			"uk.ipa.urgent_ends", "17 Sep, 01:00 Copenhagen"}},
		{As: Reviewer, Page: p.Page("urgent") + "/law", Says: []string{"Articles 6(1)(d), 49(1)(f)"}},
	}
}

func showLondonCalled(p *Play) []Show {
	return []Show{{As: Reviewer, Page: p.Page("urgent"), Says: []string{controlRoom, "Supt. H. Lindsey", Reviewer, "vital interests", "adequacy"}, Not: []string{"callback.missing"}}}
}

func showLondonNarrowed(p *Play) []Show {
	return []Show{
		{As: Counsel, Page: p.Page("urgent"), Says: []string{"since Saturday, and no more", "narrowed to 48 hours", p.Kept("grant"), "emergency"}},
		{As: Counsel, Page: p.Page("silence"), Says: []string{"Investigatory Powers Act 2016, s. 82", "statute", "2027"}},
	}
}

func showLondonReleased(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("urgent"), Says: []string{p.Kept("grant"), Deputy, Privacy, "provider.emergency.paper_due", "17 Sep, 01:00 Copenhagen"}},
		{As: Reviewer, Page: "/register/secrecy", Says: []string{"Investigatory Powers Act 2016, s. 82"}},
		{Command: p.VerifyCommand("grant", "gb-thamesford"), Says: []string{"Everything holds", string(p.ID("urgent"))}},
	}
}

func showLondonPaper(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("urgent"), Says: []string{string(p.ID("confirming")), "the paper came as"}},
		{As: Reviewer, Page: p.Page("confirming"), Says: []string{"s. 60A", string(p.ID("urgent"))}},
	}
}

func showLondonRequest(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("request"), Says: []string{"HD/26/204", "provider.door.assist_request", "Provider policy, no help to break in"}},
		{File: p.Kept("request.rejection"), Says: []string{"We do not break into customers' systems or weaken encryption, and no means to do so exists here"}},
	}
}

func showLondonNotice(p *Play) []Show {
	return []Show{
		{As: Counsel, Page: p.Page("notice"), Says: []string{"TCN/26/17", "provider.door.assist_order", "uk.ipa.technical_notice", string(p.ID("review"))}},
		{As: Counsel, Page: p.Page("review"), Says: []string{"s. 257", "statute"}},
		{As: Counsel, Page: p.Page("notice.silence"), Says: []string{"s. 255(8)", "2027"}},
		{As: Counsel, Page: "/register/contests", Says: []string{"Review of notice TCN/26/17"}},
		{Command: []string{"demand", "show", string(p.ID("notice")), "--as", Counsel}, Says: []string{"TCN/26/17"}},
	}
}
