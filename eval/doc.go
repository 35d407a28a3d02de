// Package eval scores what vraagbaak retrieves and answers against judged
// data. It owns the readers of the data's formats (BEIR, TREC), the measures,
// and the comparison of runs. It never retrieves, answers or stores anything
// itself, so a figure never depends on how it was made.
package eval
