package llama

import "errors"

func newWriter(m *model, contextTokens, threads int) (engine, error) { return nil, errors.New("todo") }
