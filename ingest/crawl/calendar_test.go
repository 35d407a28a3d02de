package crawl

import (
	"strings"
	"testing"
	"time"
)

func TestCalendar(t *testing.T) {
	now := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	for _, p := range strings.Fields(`
		/document?id=2045 /download?nr=20451234 /bestand?documentId=2090123 /zoek?pagina=2030 /zoek?week=3&id=2045
		/beleid/woonagenda-2030 /beleid/woonagenda/2030 /klimaatagenda-2050.pdf /lokaal-preventieakkoord-2030
		/week-van-de-toekomst-2050/x /agenda/toekomst-2050 /prognose?jaar=2050 /evenementen?id=2045 /evenementen/2045/buurtfeest
		/evenementen/203112 /agenda/2027/01 /agenda/2019/03 /agenda?datum=2027-01-05 /kalender?maand=2025-03
		/nieuws?datum=2011-05-01 /bekendmakingen/2031-01-05`) {
		if why := calendar(pathURL(t, p), now); why != "" {
			t.Errorf("%s is refused: %s", p, why)
		}
	}
	for _, p := range strings.Fields(`
		/agenda/2031/01 /agenda/2031/1/5 /agenda/2031-01-05/ /agenda/20310105 /agenda/januari-2031 /Agenda/01-2031 /en/events/month/2031-01
		/vergaderkalender/2031-W05 /kalender.aspx?maand=2031-03 /kalender?maand=2019-03 /agenda?datum=2019-03-01 /agenda?jaar=2031
		/x?jaar=2031&maand=1 /x?datum=2044-01-01 /x?einddatum=01-02-2044 /?tribe-bar-date=2031-01 /x?datum=20440101
		/x?van=2031-01-01T00:00:00%2B01:00&week=1`) {
		if calendar(pathURL(t, p), now) == "" {
			t.Errorf("%s is followed", p)
		}
	}
}
