package wecom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/wecomauth/wecomauth/core"
)

const (
	apiDepartments = "department/simplelist"
	apiTag         = "tag/get"
)

// DepartmentParents returns the departments in the app's visible range, by id,
// each with the id of its parent, which may be out of that range; the root
// (normally 1) has the parent 0. It is what WeCom says: nothing here refuses
// departments that are part of each other in a circle.
// https://developer.work.weixin.qq.com/document/path/95350
func (c *client) DepartmentParents(ctx context.Context, corpID string) (map[int]int, error) {
	ans, err := c.lookUp(ctx, apiDepartments, corpID)
	if err != nil {
		return nil, err
	}
	parents, err := readParents(ans)
	if err != nil {
		return nil, badAnswer(apiDepartments, err.Error())
	}
	return parents, nil
}

func readParents(ans answer) (map[int]int, error) {
	parents := make(map[int]int)
	found, err := ans.each("department_id", func(raw json.RawMessage) error {
		entry, err := decode(raw)
		if err != nil {
			return fmt.Errorf("an entry of the list of departments: %w", err)
		}
		id, ok1 := integer(string(entry["id"]))
		parent, ok2 := integer(string(entry["parentid"]))
		if !ok1 || !ok2 || id <= 0 || parent < 0 {
			return errors.New("the id or parentid of a department is no positive integer")
		}
		if other, twice := parents[id]; twice && other != parent {
			return fmt.Errorf("department %d has two parents", id)
		}
		parents[id] = parent
		return nil
	})
	if err == nil && !found {
		err = errors.New("the answer holds no list of departments")
	}
	if err != nil {
		return nil, err
	}
	return parents, nil
}

// TagMembers returns the people in the app's visible range who carry the tag,
// and the departments that do. WeCom leaves other people out.
// https://developer.work.weixin.qq.com/document/path/90213
func (c *client) TagMembers(ctx context.Context, corpID string, tagID int) (core.TagMembers, error) {
	if tagID <= 0 {
		return core.TagMembers{}, &callError{api: apiTag, kind: core.ErrMisconfigured,
			text: "the id of a tag must be a positive integer"}
	}
	ans, err := c.lookUp(ctx, apiTag, corpID, param{name: "tagid", value: strconv.Itoa(tagID)})
	if err != nil {
		return core.TagMembers{}, err
	}
	members, err := readTag(ans)
	if err != nil {
		return core.TagMembers{}, badAnswer(apiTag, err.Error())
	}
	return members, nil
}

func readTag(ans answer) (core.TagMembers, error) {
	var members core.TagMembers
	people, err1 := ans.each("userlist", func(raw json.RawMessage) error {
		entry, err := decode(raw)
		if err != nil {
			return fmt.Errorf("an entry of the list of people: %w", err)
		}
		userID, err := entry.text("userid")
		if err != nil || !userIDForm.MatchString(userID) {
			return errors.New("a userid of the list is not of the form that WeCom documents")
		}
		members.UserIDs = append(members.UserIDs, userID)
		return nil
	})
	departments, err2 := ans.each("partylist", func(raw json.RawMessage) error {
		id, ok := integer(string(raw))
		if !ok || id <= 0 {
			return errors.New("the id of a department is no positive integer")
		}
		members.Departments = append(members.Departments, id)
		return nil
	})
	if err := errors.Join(err1, err2); err != nil {
		return core.TagMembers{}, err
	}
	if !people && !departments {
		return core.TagMembers{}, errors.New("the answer holds neither a list of people nor one of departments")
	}
	return members, nil
}

// lookUp asks for a list. No error of it says anything about a person.
func (c *client) lookUp(ctx context.Context, api, corpID string, params ...param) (answer, error) {
	if err := c.ownCorp(api, corpID); err != nil {
		return nil, err
	}
	ctx, cancel := c.briefLookup(ctx)
	defer cancel()
	ans, _, err := c.withToken(ctx, func(token string) (answer, error) {
		return c.api.list(ctx, api, append([]param{{name: "access_token", value: token, secret: true}}, params...)...)
	})
	if err != nil {
		return nil, aboutNobody(err, core.ErrMisconfigured)
	}
	return ans, nil
}

// briefLookup gives a lookup, its token and its second try the time of one call.
func (c *client) briefLookup(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.api.http.Timeout)
}

// ownCorp refuses other companies: the app's token opens its own company only.
func (c *client) ownCorp(api, corpID string) error {
	if corpID == c.app.CorpID {
		return nil
	}
	return &callError{api: api, kind: core.ErrMisconfigured,
		text: "people, departments and tags of linked companies cannot be looked up, only those of the app's own company"}
}
