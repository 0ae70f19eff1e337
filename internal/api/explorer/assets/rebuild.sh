#!/bin/sh
# Fetches the files of this folder that others wrote, from npm, at the versions
# below. Run it in this folder: sh rebuild.sh
set -eu
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-fund --no-audit --ignore-scripts \
	graphiql@4.1.2 graphql@16.11.0 react@18.3.1 react-dom@18.3.1

cp node_modules/react/umd/react.production.min.js "$here"
cp node_modules/react-dom/umd/react-dom.production.min.js "$here"
# No source map is shipped, so none may be pointed to.
sed '/^\/\/# sourceMappingURL=/d' node_modules/graphiql/graphiql.min.js >"$here/graphiql.min.js"
# The two embedded fonts are seven eighths of the style sheet and have no
# Chinese glyphs; page.css names the system's fonts instead.
perl -0pe 's/\@font-face\s*\{[^}]*\}\s*//g' node_modules/graphiql/graphiql.min.css >"$here/graphiql.min.css"

# Every package that can be inside the bundle, with its version and its terms.
# A text that several packages share is printed once.
find node_modules -name package.json | LC_ALL=C sort | while read -r manifest; do
	folder=${manifest%/package.json}
	case ${folder##*node_modules/} in
	@types/* | */*/* | [!@]*/*) continue ;;
	esac
	node -e '
		const p = require(process.argv[1]);
		const by = p.author && (p.author.name || p.author);
		console.log("=".repeat(72) + `\n${p.name} ${p.version} (${p.license})` + (by ? `, by ${by}` : "") + "\n");
	' "$PWD/$manifest"
	terms=$(find "$folder" -maxdepth 1 -iname 'licen[sc]e*' -type f | LC_ALL=C sort | head -n 1)
	if [ -z "$terms" ]; then
		echo "The package names its terms above and carries no text of them."
	else
		seen=seen-$(sha256sum <"$terms" | cut -c 1-16)
		if [ -e "$seen" ]; then
			echo "The text is the same as for $(cat "$seen")."
		else
			echo "${folder#node_modules/}" >"$seen"
			cat "$terms"
		fi
	fi
	echo
done | tr -d '\r' >"$here/LICENSES.txt"
