//go:build race

package model

func init() { racing = true }
