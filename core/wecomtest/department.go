package wecomtest

import (
	"fmt"
	"net/url"
)

// rootDepartment is the department that all others are part of.
const rootDepartment = 1

// A Department is a department's id, its name on the sign-in page, and the one
// that it is part of; Parent 0 means the root, which is 1.
type Department struct {
	ID     int    // positive
	Name   string // shown on the sign-in page
	Parent int    // the id of the one above; 0 is the root
}

func (d Department) parent() int {
	if d.Parent == 0 && d.ID != rootDepartment {
		return rootDepartment
	}
	return d.Parent
}

// checkDepartments panics on departments that do not make a tree.
func (c Config) checkDepartments() {
	parents := make(map[int]int)
	for _, d := range c.Departments {
		_, twice := parents[d.ID]
		switch {
		case d.ID <= 0:
			panic(fmt.Sprintf("wecomtest: the id of department %q is %d, not positive", d.Name, d.ID))
		case d.ID == rootDepartment && d.Parent != 0:
			panic("wecomtest: department 1 is the root, and has no Parent")
		case twice:
			panic(fmt.Sprintf("wecomtest: two departments have the id %d", d.ID))
		}
		parents[d.ID] = d.parent()
	}
	for id := range parents {
		for steps, at := 0, id; at != rootDepartment; steps++ {
			parent, ok := parents[at]
			if !ok {
				panic(fmt.Sprintf("wecomtest: there is no department %d, which another one is part of", at))
			}
			if steps > len(parents) {
				panic(fmt.Sprintf("wecomtest: department %d is part of itself", id))
			}
			at = parent
		}
	}
}

type departmentAnswer struct {
	result
	Departments []departmentEntry `json:"department_id"`
}

type departmentEntry struct {
	ID       int `json:"id"`
	ParentID int `json:"parentid"`
	Order    int `json:"order"`
}

// getDepartments is /cgi-bin/department/simplelist without an id: the whole
// company is in the app's visible range.
// https://developer.work.weixin.qq.com/document/path/95350
func (f *Fake) getDepartments(q url.Values) any {
	if code := f.tokenError(q.Get("access_token")); code != 0 {
		return failure(code)
	}
	const first = 100_000_000 // a larger order stands further up
	answer := departmentAnswer{success, []departmentEntry{{rootDepartment, 0, first}}}
	for i, d := range f.config.Departments {
		if d.ID != rootDepartment {
			answer.Departments = append(answer.Departments, departmentEntry{d.ID, d.parent(), first - i})
		}
	}
	return answer
}
