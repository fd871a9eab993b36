//go:build !linux

package rooted

const noAtime = 0
