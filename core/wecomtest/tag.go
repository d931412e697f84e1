package wecomtest

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
)

// A Tag (标签) marks people, and departments with all their people.
type Tag struct {
	ID   int    // positive
	Name string // as tag/get tells it
	// UserIDs are employees of the company. WeCom leaves out, and so does the
	// fake, who has left and who is outside the app's visible range.
	UserIDs []string
	// Departments are department ids.
	Departments []int
}

// checkTags panics on tags that could not exist.
func (c Config) checkTags() {
	seen := make(map[int]bool)
	for _, tag := range c.Tags {
		if tag.ID <= 0 {
			panic(fmt.Sprintf("wecomtest: the id of tag %q is %d, not positive", tag.Name, tag.ID))
		}
		if seen[tag.ID] {
			panic(fmt.Sprintf("wecomtest: two tags have the id %d", tag.ID))
		}
		seen[tag.ID] = true
	}
}

type tagAnswer struct {
	result
	Name        string      `json:"tagname"`
	Users       []tagMember `json:"userlist"`
	Departments []int       `json:"partylist"`
}

type tagMember struct {
	UserID string `json:"userid"`
	Name   string `json:"name"`
}

// getTag is /cgi-bin/tag/get.
// https://developer.work.weixin.qq.com/document/path/90213
func (f *Fake) getTag(q url.Values) any {
	if code := f.tokenError(q.Get("access_token")); code != 0 {
		return failure(code)
	}
	id, err := strconv.Atoi(q.Get("tagid"))
	i := slices.IndexFunc(f.config.Tags, func(tag Tag) bool { return tag.ID == id })
	if err != nil || i < 0 {
		return failure(40068)
	}
	tag := f.config.Tags[i]
	answer := tagAnswer{success, tag.Name, []tagMember{}, append([]int{}, tag.Departments...)}
	for _, userID := range tag.UserIDs {
		if e, _, ok := f.find(userID); ok && e.listed() {
			answer.Users = append(answer.Users, tagMember{e.UserID, e.Name})
		}
	}
	return answer
}
