// Package provider reads a store of the provider's own through a program that the
// provider wrote. They speak the protocol of docs/source-protocol.md over the
// program's standard input and output.
//
// Its words. The *program* is started for each query, without a shell, in a process
// group of its own, with an environment that holds a PATH alone. An *announcement* is
// the line that tells of an item; its bytes follow when the gate asks for them.
//
// Its promises. The program's word is checked: a line of another form, an item of
// another account, bytes that are not those of the announced length and digest, a
// total that is not what was given, anything after the end, another end of the
// process than success, is an error, and so is silence longer than the patience.
// Memory does not grow with what the program says: a line has at most 64 KiB, a query
// as many items as any source. Cancelling ends the whole process group.
//
// An item's id is that of source.IDs over account, category and the program's own
// id.
//
// It imports the standard library, source, source/table, scope and problem.
package provider
