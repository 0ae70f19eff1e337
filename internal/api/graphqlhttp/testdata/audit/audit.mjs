// Asks a running endpoint whether it speaks GraphQL over HTTP as the
// specification has it: node audit.mjs http://127.0.0.1:8080/graphql
//
// The same checks, without npm, are graph/conformance_test.go.
import { auditServer } from 'graphql-http';

const url = process.argv[2];
if (!url) {
  console.error('usage: node audit.mjs URL');
  process.exit(2);
}

const results = await auditServer({ url });
for (const result of results.filter((r) => r.status !== 'ok')) {
  console.log(result.status.padEnd(6), result.id, result.name, '-', result.reason);
}
const ok = results.filter((r) => r.status === 'ok').length;
console.log(`${ok} of ${results.length} checks passed`);
process.exit(ok === results.length ? 0 : 1);
