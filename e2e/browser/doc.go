// Package browser opens every page in Chromium as a person would: wide and
// narrow, light and dark, by keyboard. What officers use, and some of the pages that
// staff and the public read, it opens in Firefox and in WebKit too. It holds tests only.
//
// Environment: COUNTERSEAL_SHOTS names a folder for screenshots. COUNTERSEAL_AXE
// names axe.min.js (npm axe-core) for the automatic part of WCAG 2.2 AA. Without
// a browser its tests are skipped with a word, unless CI=true: then they fail.
package browser
