package identifier

import "strings"

// readIMEI reads an equipment identity of 14 digits, or of 15 with its check
// digit (3GPP TS 23.003 §6.2.1, Annex B: Luhn). The normal form has the digit.
func readIMEI(s string) (Identifier, error) {
	var digits []byte
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case strings.IndexByte(" -/.", c) >= 0:
		default:
			return Identifier{}, malformed("an IMEI has digits from 0 to 9")
		}
	}
	if len(digits) != 14 && len(digits) != 15 {
		return Identifier{}, malformed("an IMEI has 14 digits, or 15 with its check digit").Fix("of an IMEISV (16 digits) state the first 14")
	}
	check := luhn(digits[:14])
	if len(digits) == 15 && digits[14] != check {
		return Identifier{}, malformed("the check digit of this IMEI is wrong").Fix("ask for the number again; networks send 0 as the last digit, then state the first 14")
	}
	return Identifier{Normal: string(digits[:14]) + string(check)}, nil
}

// luhn is the check digit that follows the digits (ISO/IEC 7812-1 Annex B).
func luhn(digits []byte) byte {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			d *= 2
			d = d/10 + d%10
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
}
