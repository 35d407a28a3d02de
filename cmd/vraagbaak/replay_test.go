package main

import (
	"database/sql"
	"encoding/json"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptKeepID NAME FILE: the variable gets the id in the JSON of the file.
func scriptKeepID(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: keepid name file")
	}
	var v struct{ ID string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &v))
	if v.ID == "" {
		ts.Fatalf("there is no id in %s", ts.ReadFile(args[1]))
	}
	ts.Setenv(args[0], v.ID)
}

// scriptAgeRecords FILE makes the file of answers one of a version that did not
// keep what they rest on.
func scriptAgeRecords(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: agerecords file")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = db.Exec("ALTER TABLE answers DROP COLUMN basis")
	ts.Check(err)
	ts.Check(db.Close())
}

// scriptRecords FILE COUNT: the file of answers has so many.
func scriptRecords(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: records file count")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	var n string
	ts.Check(db.QueryRow("SELECT COUNT(*) FROM answers").Scan(&n))
	ts.Check(db.Close())
	if n != args[1] {
		ts.Fatalf("there are %s records", n)
	}
}
