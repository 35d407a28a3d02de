module github.com/vraagbaak/vraagbaak

go 1.26.8
