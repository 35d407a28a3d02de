package extract

import "testing"

func TestNumberFormat(t *testing.T) {
	const day = 46037 // 15 January 2026
	for _, c := range []struct {
		code string
		v    float64
		want string
	}{
		{"", 12500, "12500"}, {"", 0.1 + 0.2, "0,3"}, {"", 123456789012, "123456789012"}, {"", -1.5, "-1,5"}, {"General", 2.5, "2,5"},
		{"0", 2.6, "3"}, {"0.00", 1234.5, "1234,50"}, {"#,##0", 1234567, "1.234.567"}, {"#,##0.00", 0, "0,00"}, {"#,##0", 0.2, "0"},
		{`"€ "#,##0.00`, 12500, "€ 12.500,00"}, {`[$€-2]\ #,##0.00`, -83.87, "-€ 83,87"}, {`[$€-413] #,##0`, 999, "€ 999"},
		{`_ "€"\ * #,##0.00_ ;_ "€"\ * \-#,##0.00_ ;_ "€"\ * "-"??_ ;_ @_ `, 1234.5, "€ 1.234,50"},
		{`_ "€"\ * #,##0.00_ ;_ "€"\ * \-#,##0.00_ ;_ "€"\ * "-"??_ ;_ @_ `, -5, "€ -5,00"},
		{`_ "€"\ * #,##0.00_ ;_ "€"\ * \-#,##0.00_ ;_ "€"\ * "-"??_ ;_ @_ `, 0, "€ -"},
		{"0%", 0.21, "21%"}, {"0.0%", 0.0549, "5,5%"}, {`0.0,, "mln"`, 12_500_000, "12,5 mln"}, {"0.0#", 1.5, "1,5"}, {"0.##", 2, "2"},
		{`000\-0000000`, 1131234567, "113-1234567"}, {`000\-0000000`, 113123456, "011-3123456"}, {`00000`, 42, "00042"},
		{`[<=9999999]###\-####;\(###\)\ ###\-####`, 1234567, "123-4567"}, {`[<=9999999]###\-####;\(###\)\ ###\-####`, 5551234567, "(555) 123-4567"},
		{`"Artikel "0`, 12, "Artikel 12"}, {`0 "dagen"`, 14, "14 dagen"}, {";;;", 3, ""}, {"# ?/?", 0.5, "0,5"}, {`"n.v.t."`, 3, "n.v.t."}, {".00", 0.5, "0,50"},
		{"dd-mm-yyyy", day, "15-01-2026"}, {"d mmmm yyyy", day, "15 januari 2026"}, {"[$-413]d mmmm yyyy;@", day, "15 januari 2026"},
		{"[$-409]d mmmm yyyy;@", day, "15 January 2026"}, {"d/m/yyyy", day, "15-1-2026"}, {"[$-F800]dddd, mmmm dd, yyyy", day, "donderdag 15 januari 2026"},
		{"dd-mm-yyyy hh:mm", day + 0.5625, "15-01-2026 13:30"}, {"h:mm AM/PM", 0.5625, "1:30 PM"}, {"mmm-yy", day + 60, "mrt-26"},
		{"[h]:mm:ss", 1.5, "36:00:00"}, {"mm:ss.0", 0.0010417, "01:30,0"}, {"h:mm", 0.999999, "0:00"},
	} {
		if got := newNumberFormat(c.code, false).render(c.v); got != c.want {
			t.Errorf("%q of %v: %q, want %q", c.code, c.v, got, c.want)
		}
	}
	if got := newNumberFormat("yyyy", true).render(0); got != "1904" {
		t.Errorf("day 0 of a workbook that counts from 1904: %q", got)
	}
}

func FuzzNumberFormat(f *testing.F) {
	f.Add(`_ "€"\ * #,##0.00_ ;[Red]-0%`, 12.5)
	f.Add(`[$-413]d mmmm yyyy;@`, 46037.0)
	f.Add(`[<=99]0.0,,;[h]:mm`, 1e9)
	f.Fuzz(func(t *testing.T, code string, v float64) {
		if got := newNumberFormat(code, false).render(v); len(got) > 4*maxNumberFormat+400 {
			t.Errorf("%d bytes", len(got))
		}
	})
}
