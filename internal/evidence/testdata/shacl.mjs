// Holds a JSON-LD file to the shapes of CASE and UCO with shacl-engine and its
// SPARQL module. Usage, in a folder with node_modules:
//   node shacl.mjs MODULES SHAPES FILE
// MODULES is a folder with shacl-engine, n3, jsonld-streaming-parser,
// @rdfjs/dataset and @rdfjs/data-model; SHAPES one with the ontologies in Turtle.
// Prints a line for each violation and "violations N, nodes M"; fails where N > 0.
// Only violations count: `conforms` is false for mere advice as well.
import { createRequire } from 'node:module'
import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [modules, shapes, file] = process.argv.slice(2).map(p => resolve(p))
const require = createRequire(join(modules, 'package.json'))
const load = async name => import(pathToFileURL(require.resolve(name)))
// Packages of ES modules alone are not found by require.resolve.
const loadFile = async path => import(pathToFileURL(join(modules, 'node_modules', path)))

const { default: factory } = await loadFile('@rdfjs/data-model/index.js')
const { default: datasets } = await loadFile('@rdfjs/dataset/index.js')
const { Validator } = await loadFile('shacl-engine/index.js')
const { targetResolvers, validations } = await loadFile('shacl-engine/sparql.js')
const { Parser } = await load('n3')
const { JsonLdParser } = await load('jsonld-streaming-parser')

const ontology = datasets.dataset()
for (const name of readdirSync(shapes).filter(n => n.endsWith('.ttl')).sort()) {
  for (const quad of new Parser({ factory, blankNodePrefix: `_:${name.replace(/\W/g, '')}` }).parse(readFileSync(join(shapes, name), 'utf8'))) ontology.add(quad)
}
if (ontology.size < 1000) throw new Error('these are not the ontologies')

const data = datasets.dataset()
await new Promise((resolve, reject) => {
  const parser = new JsonLdParser({ dataFactory: factory })
  parser.on('data', quad => data.add(quad)).on('error', reject).on('end', resolve)
  parser.end(readFileSync(file))
})
// A term that the vocabularies do not define is a mistake that no shape finds.
const defined = new Set()
for (const quad of ontology) defined.add(quad.subject.value)
const type = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#type'
const unknown = new Set()
let nodes = 0
for (const quad of data) {
  if (quad.predicate.value === type) {
    nodes++
    if (!defined.has(quad.object.value)) unknown.add(quad.object.value)
  } else if (!defined.has(quad.predicate.value)) unknown.add(quad.predicate.value)
}
// Shapes ask the data which class is part of which.
for (const quad of ontology) if (quad.predicate.value.endsWith('rdf-schema#subClassOf')) data.add(quad)
const report = await new Validator(ontology, { factory, targetResolvers, validations }).validate({ dataset: data })
let violations = 0
for (const term of unknown) { violations++; console.log('not in CASE or UCO: ' + term) }
for (const r of report.results) {
  const focus = r.focusNode?.value ?? r.focusNode?.term?.value
  const severity = r.severity?.value ?? ''
  const words = [severity.split('#')[1], focus, r.message?.map(m => m.value).join(' '), r.path?.map(p => p.predicates?.map(x => x.value)).join(' ')].join(' | ')
  if (severity.endsWith('#Violation')) { violations++; console.log(words) } else console.log('(' + words + ')')
}
console.log(`violations ${violations}, nodes ${nodes}`)
process.exit(violations === 0 && nodes > 0 ? 0 : 1)
