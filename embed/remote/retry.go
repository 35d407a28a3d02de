package remote

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/vraagbaak/vraagbaak/internal/endpoint"
)

// firstWait is the wait after the first attempt; it doubles with each.
const firstWait = 500 * time.Millisecond

// request embeds one batch, and tries again where that may help.
func (e *Embedder) request(ctx context.Context, texts []string) ([][]float32, error) {
	for attempt := 1; ; attempt++ {
		got, err := e.once(ctx, texts)
		if err == nil {
			return got, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		wait, again := e.wait(attempt, err)
		if !again {
			if attempt > 1 {
				err = fmt.Errorf("%w (attempt %d)", err, attempt)
			}
			return nil, e.endpoint.Fail(e.config.Kind, e.config.Model, err)
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// errUnreadable is an answer that came, but is not one.
type errUnreadable struct{ error }

func (e errUnreadable) Unwrap() error { return e.error }

func (e *Embedder) once(ctx context.Context, texts []string) ([][]float32, error) {
	ctx, watch := e.endpoint.Watch(ctx)
	defer watch.Close()
	got, err := e.client.CreateEmbedding(ctx, slices.Clone(texts))
	if seen := watch.Err(); seen != nil {
		return nil, seen
	}
	if err != nil {
		return nil, errUnreadable{err}
	}
	if len(got) != len(texts) {
		return nil, errUnreadable{fmt.Errorf("%d vectors came for %d texts", len(got), len(texts))}
	}
	return got, nil
}

// wait says whether to try again after an attempt failed with err, and when. A
// server that asks for a longer wait than is allowed is not tried again.
func (e *Embedder) wait(attempt int, err error) (time.Duration, bool) {
	var unreadable errUnreadable
	if attempt >= e.config.Attempts || errors.As(err, &unreadable) || errors.Is(err, endpoint.ErrSilent) {
		return 0, false
	}
	back := min(firstWait<<min(attempt-1, 20), e.config.MaxWait)
	back -= time.Duration(rand.Int64N(int64(back)/4 + 1)) // so that clients do not return together
	var status *endpoint.StatusError
	if errors.As(err, &status) {
		if !status.Temporary() || status.RetryAfter > e.config.MaxWait {
			return 0, false
		}
		return max(back, status.RetryAfter), true
	}
	return back, true // the network
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
