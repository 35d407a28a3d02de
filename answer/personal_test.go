package answer

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFindPersonalData(t *testing.T) {
	tests := []struct{ text, want string }{
		// citizen service numbers that pass the test of eleven
		{"Mijn bsn is 111222333.", "BSN:111222333"},
		{"999996708", "BSN:999996708"},
		{"kan 999996630 erbij?", "BSN:999996630"},
		{"BSN 123.456.782", "BSN:123.456.782"},
		{"burgerservicenummer: 1234 56 782", "BSN:1234 56 782"},
		{"bsn 123-456-782 en bsn 999996708", "BSN:123-456-782 BSN:999996708"},
		{"bsn 10000008", "BSN:10000008"}, // eight digits, padded
		{"１１１２２２３３３", "BSN:１１１２２２３３３"},
		{"bsn 111\u200b222\u200b333!", "BSN:111\u200b222\u200b333"},
		// that fail it, or are no BSN
		{"bsn 111222334", ""}, {"bsn 123456789", ""}, {"bsn 000000000", ""},
		{"zaaknummer 999996708", ""}, {"Uw kenmerk: 999996708", ""}, {"kvk-nummer 999996708", ""},
		{"123.456.782 euro", ""}, {"€ 123.456.782,00", ""}, {"10000008", ""},
		{"X999996708", ""}, {"9999967081", ""}, {"1.999996708", ""},
		// bank accounts
		{"NL91ABNA0417164300", "IBAN:NL91ABNA0417164300"},
		{"Naar NL91 ABNA 0417 1643 00 graag", "IBAN:NL91 ABNA 0417 1643 00"},
		{"nl91abna0417164300", "IBAN:nl91abna0417164300"},
		{"BE68 5390 0754 7034", "IBAN:BE68 5390 0754 7034"},
		{"DE89370400440532013000.", "IBAN:DE89370400440532013000"},
		{"GB82 WEST 1234 5698 7654 32", "IBAN:GB82 WEST 1234 5698 7654 32"},
		{"SA0380000000608010167519", "IBAN:SA0380000000608010167519"}, // not in the table of lengths
		{"NL92ABNA0417164300", ""},
		{"NL91ABNA04171643001", ""},
		// e-mail
		{"Mail naar jan.de.vries@example.org.", "e-mail:jan.de.vries@example.org"},
		{"<j+x@sub.example.nl>", "e-mail:j+x@sub.example.nl"},
		{"info@waterrijk.example", ""}, {"gemeente@waterrijk.example", ""}, {"privacy@waterrijk.example", ""},
		{"@waterrijk", ""}, {"a @ b.nl", ""},
		// telephone
		{"bel 0612345678", "telefoon:0612345678"},
		{"06-12345678 of 06 87 65 43 21", "telefoon:06-12345678 telefoon:06 87 65 43 21"},
		{"+31 6 12345678", "telefoon:+31 6 12345678"},
		{"0031612345678", "telefoon:0031612345678"},
		{"+31 (0)6 1234 5678", "telefoon:+31 (0)6 1234 5678"},
		{"(020) 123 45 67", "telefoon:(020) 123 45 67"},
		{"0115-123456", "telefoon:0115-123456"},
		{"0800 1351", ""}, {"0900-1234567", ""}, {"088 123 45 67", ""}, {"14 0115", ""}, {"061234567", ""},
		{"06123456789", ""},
		// what government texts are full of
		{"36 600-VII, nr. 12", ""}, {"2024Z01234 en 2024D12345", ""}, {"ECLI:NL:RVS:2024:1234", ""},
		{"BWBR0005537", ""}, {"ah-tk-20202021-3235", ""}, {"€ 10.000 tot € 15.540", ""},
		{"Is het op 01-12-2026 open van 9.00-17.00 uur?", ""}, {"kst-32545-143", ""},
		{"Kost de Sluisbrug 12 345 678 euro?", ""}, {"", ""}, {"Wat kost een paspoort?", ""},
	}
	for _, tt := range tests {
		var got []string
		for _, f := range FindPersonalData(tt.text) {
			got = append(got, fmt.Sprintf("%s:%s", f.Kind, tt.text[f.Start:f.End]))
		}
		if g := strings.Join(got, " "); g != tt.want {
			t.Errorf("%q:\n got %q\nwant %q", tt.text, g, tt.want)
		}
	}
}

func TestMaskPersonalData(t *testing.T) {
	got := MaskPersonalData("Ik ben 999996708, mail a.b@example.org of bel 06-12345678; rekening NL91ABNA0417164300 €")
	want := "Ik ben [BSN], mail [e-mail] of bel [telefoon]; rekening [IBAN] €"
	if got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// elevenTest against the definition, on all numbers of a stretch.
func TestElevenTest(t *testing.T) {
	passed := 0
	for n := 123456700; n < 123457700; n++ {
		sum := 0
		for i, w := range []int{9, 8, 7, 6, 5, 4, 3, 2, -1} {
			sum += w * int(fmt.Sprint(n)[i]-'0')
		}
		if got := elevenTest(fmt.Sprint(n)); got != (sum%11 == 0) {
			t.Fatalf("%d: got %v", n, got)
		} else if got {
			passed++
		}
	}
	if passed < 80 || passed > 100 {
		t.Errorf("%d of 1000 pass, want about 91", passed)
	}
}

func FuzzFindPersonalData(f *testing.F) {
	for _, s := range []string{"bsn 111222333", "NL91 ABNA 0417 1643 00", "a@b.nl", "+31 6 12345678", "\xff0\u200b612345678", "é@é.éé"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		last := 0
		for _, x := range FindPersonalData(s) {
			if x.Start < last || x.End <= x.Start || x.End > len(s) {
				t.Fatalf("%q: bad span %+v", s, x)
			}
			if utf8.ValidString(s) && !utf8.ValidString(s[x.Start:x.End]) {
				t.Fatalf("%q: span %+v cuts a character", s, x)
			}
			last = x.End
		}
		MaskPersonalData(s)
	})
}
