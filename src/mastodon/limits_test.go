package mastodon

import (
	"encoding/json"
	"slices"
	"testing"
)

// Of the types that a server lists, those are remembered that cameras make,
// once.
func TestMediaTypes(t *testing.T) {
	for _, c := range []struct {
		why, list string
		want      mediaTypes
	}{
		{"some", `["image/png","image/jpeg","video/mp4","image/jpeg"]`, mediaTypes{"image/jpeg", "video/mp4"}},
		{"as PHP writes it", `["image\/jpeg"]`, mediaTypes{"image/jpeg"}},
		{"none that cameras make", `["image/png"]`, mediaTypes{}},
		{"an empty list says nothing", `[]`, nil},
		{"nothing", `null`, nil},
		{"another thing", `{"image/jpeg":true}`, nil},
		{"a list of anything", `[7,null,{},"image/jpeg"]`, mediaTypes{"image/jpeg"}},
	} {
		var in instance
		err := json.Unmarshal([]byte(`{"configuration":{"media_attachments":{"supported_mime_types":`+c.list+`}}}`), &in)
		got := in.limits().types
		if err != nil || !slices.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s: got %#v, %v; want %#v", c.why, got, err, c.want)
		}
	}
}
