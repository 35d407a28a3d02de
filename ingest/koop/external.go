package koop

import (
	"maps"
	"path"
	"regexp"
	"strings"
)

var externalID = regexp.MustCompile(`^exb-(\d{4})-\d+$`)

// external are records of the external attachments of a publication: files that
// it names as "file name|identifier", and that have no record of their own. Where
// they are follows from their identifier.
func (r record) external() []record {
	var root string
	for _, i := range r.Items {
		if before, _, ok := strings.Cut(i.URL, "/officielepublicaties/"); ok {
			root = before + "/officielepublicaties/exb/"
			break
		}
	}
	if root == "" || r.isAttachment() {
		return nil
	}
	named := append(r.Links["externeBijlage"], r.all("externeBijlage")...)
	var out []record
	for _, n := range named {
		name, id, _ := strings.Cut(n, "|")
		m := externalID.FindStringSubmatch(strings.TrimSpace(id))
		kind := strings.ToLower(strings.TrimPrefix(path.Ext(strings.TrimSpace(name)), "."))
		if m == nil || kind == "" {
			continue
		}
		x := record{Fields: maps.Clone(r.Fields), Timestamp: r.Timestamp}
		x.Fields["identifier"] = []field{{Value: m[0]}}
		x.Fields["title"] = []field{{Value: strings.TrimSpace(name)}}
		x.Fields["type"] = []field{{Value: "Bijlage"}}
		x.Fields["hoofddocument"] = []field{{Value: r.first("identifier")}}
		delete(x.Fields, "documenttitel")
		address := root + m[1] + "/" + m[0] + "/1/" + kind + "/" + m[0] + "." + kind
		x.Preferred, x.Items = address, []item{{kind, address}}
		out = append(out, x)
	}
	return out
}
