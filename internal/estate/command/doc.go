// Package command reads the provider's map from a program of the provider's own,
// which prints it as JSON lines.
//
//	{"row":"customer","id":"c-1","name":"Ada Falk","country":"DK","language":"da","zone":"Europe/Copenhagen"}
//	{"row":"account","id":"ac-falk","customer":"c-1","region":"cph","services":["mail","records"]}
//	{"row":"end","rows":2}
//
// Each line is one row, with the tables and fields of estate.toml; values are
// strings, whole numbers and lists of strings. The last line says how many rows
// came before it, so that a map which broke off is not taken for a whole one.
//
// Its promises. The program gets the arguments and environment that Source names
// and nothing on its input. Time, output and each line are bounded; what the
// program writes to its error output is cut to its first 4 KiB and goes to the
// log alone. A field that stands twice, another case of a field's name, anything
// nested and anything after the end are refused.
//
// Codes: estate.command, estate.lines, and those of estate.Tables.Add.
//
// It imports the standard library, estate and problem.
package command
