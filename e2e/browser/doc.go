// Package browser opens every page in Chromium as a person would: wide and
// narrow, light and dark, by keyboard. It holds tests only.
//
// Environment: COUNTERSEAL_SHOTS names a folder for screenshots. COUNTERSEAL_AXE
// names axe.min.js (npm axe-core) for the automatic part of WCAG 2.2 AA. Without
// Chromium the tests are skipped with a word, unless CI=true: then they fail.
package browser
