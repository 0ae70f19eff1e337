import { chosen, head } from './nav';
import { article } from './page/article';
import { list, search } from './page/list';
import { report, status } from './page/report';
import { start } from './router';

const byId = (id: string) => document.getElementById(id)!;

start([
  [/^\/$/, (_, query) => list(undefined, query)],
  [/^\/c\/([^/]+)$/, (match, query) => list(match[1], query)],
  [/^\/a\/([^/]+)$/, (match) => article(decodeURIComponent(match[1]!))],
  [/^\/search$/, (_, query) => search(query.get('q') ?? '')],
  [/^\/report\/([^/]+)$/, (match, query) => report(decodeURIComponent(match[1]!), query)],
  [/^\/status$/, (_, query) => status(query)],
], byId('main'), chosen);
head(byId('top'), byId('foot'));
