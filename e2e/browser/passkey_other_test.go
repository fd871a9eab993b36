package browser_test

import (
	"testing"
)

func TestAPersonApprovesContentWithAPasskeyInFirefoxToo(t *testing.T) {
	o, s := firefox(t), siteOfAGate(t)
	must(o.call("WebAuthn:AddVirtualAuthenticator", "", map[string]any{"protocol": "ctap2_1", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true, "isUserVerified": true, "isUserConsenting": true}))
	o.visit(s.origin + "/passkey")
	o.fill(`input[name="person"]`, "anna")
	o.click("form.make button")
	o.wait(`(document.querySelector("#line")?.textContent || "").startsWith("sk-ecdsa-sha2-nistp256@openssh.com ")`)
	s.found(map[string]string{"anna": o.text(`document.querySelector("#line").textContent`)})
	g := s.Grant(1)
	s.offer(g)
	o.visit(s.origin + "/")
	o.click("form.sign button")
	o.wait(`document.body.innerText.includes("Waiting for approval")`)
	path := "/grant/" + g.Digest().String()
	o.visit(s.origin + path)
	o.looks("gate-grant", 1280, 900)
	o.looks("gate-grant", 500, 900)
	o.click(`form[data-ceremony="approve"] button`)
	o.wait(`document.body.innerText.includes("You have approved it.")`)
	if st := must(s.gate.Status(t.Context(), g.Digest().String())); len(st.Approvals) != 1 || st.Approvals[0] != "anna" {
		t.Errorf("%+v", st)
	}
}
