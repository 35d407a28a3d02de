package server

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/vraagbaak/vraagbaak/answer"
)

const siteDir = "../../testdata/site"

// browser starts Chromium on a server with the demo site; the test is skipped
// where there is none. complaints returns what the console and the browser's log
// have reported so far: policy violations, errors, failed requests.
func browser(t *testing.T, asker answer.Asker) (ctx context.Context, url string, complaints func() []string) {
	t.Helper()
	exe := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			exe = p
			break
		}
	}
	if exe == "" {
		t.Skip("no chromium, chromium-browser or google-chrome on the PATH")
	}
	h, err := New(Options{Asker: asker, Collections: []string{"site"}, Site: os.DirFS(siteDir)})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)

	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(exe), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-networking", true), chromedp.NoFirstRun, chromedp.WSURLReadTimeout(time.Minute))
	actx, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	tctx, quit := chromedp.NewContext(actx)
	t.Cleanup(func() { chromedp.Cancel(tctx); quit() })

	var mu sync.Mutex
	var found []string
	note := func(s string) { mu.Lock(); defer mu.Unlock(); found = append(found, s) }
	err = chromedp.Listen(tctx, func(ev any) {
		switch e := ev.(type) {
		case *log.EventEntryAdded:
			if e.Entry.Level == "error" || e.Entry.Source == "security" {
				note(e.Entry.Text + " " + e.Entry.URL)
			}
		case *runtime.EventExceptionThrown:
			note(e.ExceptionDetails.Text + " " + e.ExceptionDetails.URL)
		case *runtime.EventConsoleAPICalled:
			if e.Type == "error" || e.Type == "warning" {
				note(fmt.Sprintf("console.%s: %+v", e.Type, e.Args))
			}
		}
	})
	if err != nil {
		t.Fatalf("start %s: %v", exe, err)
	}
	if _, err := chromedp.Call(tctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	rctx, cancel := context.WithTimeout(tctx, 4*time.Minute)
	t.Cleanup(cancel)
	return rctx, srv.URL, func() []string { mu.Lock(); defer mu.Unlock(); return append([]string(nil), found...) }
}

// in is JavaScript that finds an element in the widget's shadow root.
func in(selector string) string {
	return fmt.Sprintf("document.querySelector('vraagbaak-chat').shadowRoot.querySelector(%q)", selector)
}

func all(selector string) string {
	return fmt.Sprintf("[...document.querySelector('vraagbaak-chat').shadowRoot.querySelectorAll(%q)]", selector)
}

type step = chromedp.Action[chromedp.Void]

func run(t *testing.T, ctx context.Context, steps ...step) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func until(js string) step {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := chromedp.Poll[bool]("!!("+js+")", chromedp.WithPollingTimeout(90*time.Second))(ctx, target)
		if err != nil {
			return fmt.Errorf("waiting for %s: %w", js, err)
		}
		return nil
	})
}

func eval[T any](t *testing.T, ctx context.Context, js string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js))
	if err != nil {
		t.Fatalf("%s: %v", js, err)
	}
	return v
}

func do(js string) step { return chromedp.Evaluate[chromedp.Void]("void(" + js + ")") }

// ask types a question in the input and presses Enter.
func ask(question string) step {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := do(in("#q")+".focus()")(ctx, target); err != nil {
			return err
		}
		_, err := chromedp.KeyEvent(question+kb.Enter)(ctx, target)
		return err
	})
}

// shot writes a picture to the folder in VRAAGBAAK_SCREENSHOTS, if it is set.
func shot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("VRAAGBAAK_SCREENSHOTS")
	if dir == "" {
		return
	}
	time.Sleep(700 * time.Millisecond) // lets scrolling come to rest
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}

// axe runs the accessibility rules of axe-core on the page as it is now, shadow
// roots included, with the copy of axe.min.js that VRAAGBAAK_AXE names, if any.
func axe(t *testing.T, ctx context.Context, state string) {
	t.Helper()
	path := os.Getenv("VRAAGBAAK_AXE")
	if path == "" {
		return
	}
	script, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	run(t, ctx, chromedp.Evaluate[chromedp.Void](string(script)+";void 0"),
		do(`axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(r => window.axeResult = r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', ')).join('\n') || 'none')`),
		until("window.axeResult"))
	if got := eval[string](t, ctx, "[window.axeResult, delete window.axeResult][0]"); got != "none" {
		t.Errorf("%s: axe finds\n%s", state, got)
	}
}

func view(width, height int64) step { return chromedp.EmulateViewport(width, height) }

func dark() step {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
		return err
	})
}

// A question on the demo page: sources, statements, the quotation in its
// passage, under a strict policy, by keyboard.
func TestBrowserConversation(t *testing.T) {
	ctx, url, complaints := browser(t, passportAsker)
	run(t, ctx, view(1280, 900), chromedp.Navigate(url+"/"), until(in("#q")))
	if got := eval[string](t, ctx, in(".notice")+".innerText"); !strings.Contains(got, "U praat met een AI-systeem") {
		t.Errorf("AI notice: %q", got)
	}
	shot(t, ctx, "home")
	axe(t, ctx, "home")
	run(t, ctx, ask("Wat kost een paspoort, en hoe snel is het klaar?"), until(all(".statement")+".length == 2 && "+in("[role=status]")+".textContent.includes('klaar')"))

	if got := eval[int](t, ctx, all(".sources li")+".length"); got != 2 {
		t.Errorf("%d sources shown, want 2", got)
	}
	if got := eval[bool](t, ctx, in(".quote")+".hidden"); !got {
		t.Error("the quotation is open before it is asked for")
	}
	if got := eval[string](t, ctx, in("#q")+".value"); got != "" {
		t.Errorf("the input holds %q after sending", got)
	}
	// The focus stays in the input; Shift+Tab and Enter reach the quotation by keyboard.
	if got := eval[string](t, ctx, "document.querySelector('vraagbaak-chat').shadowRoot.activeElement.id"); got != "q" {
		t.Errorf("focus after asking is on %q, want the input", got)
	}
	run(t, ctx, do(in(".chip")+".focus()"), chromedp.KeyEvent(kb.Enter), until("!"+in(".quote")+".hidden"))
	if got := eval[string](t, ctx, in(".quote mark")+".innerText"); got != "Paspoort vanaf 18 jaar: € 86,85." {
		t.Errorf("marked quotation: %q", got)
	}
	if got := eval[string](t, ctx, in(".quote blockquote")+".textContent"); got != passportText {
		t.Errorf("passage around the quotation: %q", got)
	}
	if got := eval[string](t, ctx, in(".chip")+".getAttribute('aria-expanded')"); got != "true" {
		t.Errorf("aria-expanded is %q", got)
	}
	if got := eval[string](t, ctx, in(".quote a")+".href"); got != url+"/producten/paspoort.html#:~:text=Paspoort%20vanaf%2018%20jaar%3A%20%E2%82%AC%2086%2C85." {
		t.Errorf("link to the place: %s", got)
	}
	shot(t, ctx, "answer-desktop")
	axe(t, ctx, "answer-desktop")
	run(t, ctx, view(1100, 1180), do("scrollTo(0, 0)"))
	shot(t, ctx, "widget")
	run(t, ctx, view(320, 640))
	if got := eval[bool](t, ctx, "document.documentElement.scrollWidth <= 320"); !got {
		t.Error("at 320 px the page scrolls sideways")
	}
	small := all("button, .link, summary, textarea") + ".filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML).join()"
	if got := eval[string](t, ctx, small); got != "" {
		t.Errorf("targets lower than 44 px: %s", got)
	}
	shot(t, ctx, "answer-320")
	axe(t, ctx, "answer-320")
	run(t, ctx, dark(), view(1280, 900))
	shot(t, ctx, "answer-dark")
	axe(t, ctx, "answer-dark")
	for _, c := range complaints() {
		t.Error("the browser complains:", c)
	}
}

// The launcher on a subpage: opens, is operated and closed by keyboard, shows a
// refusal with a way to a person.
func TestBrowserLauncher(t *testing.T) {
	ctx, url, complaints := browser(t, askerFunc(func(_ context.Context, q answer.Question) iter.Seq2[answer.Event, error] { return tell(refusal(q)) }))
	run(t, ctx, view(1280, 900), chromedp.Navigate(url+"/producten/milieustraat.html"), until(in(".open")))
	shot(t, ctx, "launcher-closed")
	axe(t, ctx, "launcher-closed")
	run(t, ctx, do(in(".open")+".focus()"), chromedp.KeyEvent(kb.Enter), until("!"+in("#panel")+".hidden"))
	run(t, ctx, chromedp.KeyEvent("Wie won het WK in 1998?"+kb.Enter), until(in(".message")))
	if got := eval[string](t, ctx, in(".message")+".innerText"); !strings.Contains(got, "staat niets in de bronnen") {
		t.Errorf("refusal: %q", got)
	}
	if got := eval[string](t, ctx, in(".person a[href^=tel]")+".href"); got != "tel:0999550100" {
		t.Errorf("telephone: %q", got)
	}
	shot(t, ctx, "launcher-refused")
	axe(t, ctx, "launcher-refused")
	run(t, ctx, view(320, 640))
	shot(t, ctx, "launcher-320")
	axe(t, ctx, "launcher-320")
	run(t, ctx, do(in("#q")+".focus()"), chromedp.KeyEvent(kb.Escape), until(in("#panel")+".hidden"))
	if got := eval[string](t, ctx, "document.querySelector('vraagbaak-chat').shadowRoot.activeElement.className"); !strings.Contains(got, "open") {
		t.Errorf("focus after closing is on %q, want the launcher", got)
	}
	for _, c := range complaints() {
		t.Error("the browser complains:", c)
	}
}

// Markup in questions and documents is text, addresses that are not of the web
// are no links, and an error in the middle of an answer can be tried again.
func TestBrowserHostileTextAndRetry(t *testing.T) {
	const evil = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>`
	var mu sync.Mutex
	asked := 0
	ctx, url, _ := browser(t, askerFunc(func(_ context.Context, q answer.Question) iter.Seq2[answer.Event, error] {
		mu.Lock()
		defer mu.Unlock()
		asked++
		a := passport(q.Text)
		a.Sources[0].Title, a.Sources[0].Text, a.Sources[0].URL = evil, evil+a.Sources[0].Text, "javascript:window.pwned=1"
		a.Statements[0].Text, a.Statements[0].Citations[0].URL = evil, "data:text/html,x"
		if asked > 1 {
			return tell(a)
		}
		return func(yield func(answer.Event, error) bool) {
			for e := range tell(a) {
				if e.Kind == answer.EventDone {
					yield(answer.Event{}, errors.New("the store broke"))
					return
				}
				if !yield(e, nil) {
					return
				}
			}
		}
	}))
	run(t, ctx, view(1280, 900), chromedp.Navigate(url+"/"), until(in("#q")), ask(evil), until(in(".turn .error")))
	if got := eval[string](t, ctx, in(".turn .error")+".innerText"); got != errInternal.Detail {
		t.Errorf("error: %q", got)
	}
	shot(t, ctx, "error")
	axe(t, ctx, "error")
	run(t, ctx, do(in(".turn .error + button")+".click()"), until("!"+in(".wait")+" && "+all(".statement")+".length == 2 && !"+in(".turn .error")))
	if got := eval[string](t, ctx, in(".statement p")+".textContent"); got != evil {
		t.Errorf("statement: %q", got)
	}
	if got := eval[bool](t, ctx, "window.pwned === undefined && "+all("img, script, [href^=javascript], [href^=data]")+".length == 0"); !got {
		t.Error("text of a document became markup or a link that runs")
	}
}
