//go:build !linux

package main

func private() {}
