import type { CodegenConfig } from '@graphql-codegen/cli';

// 由 schema.graphqls 与 src/queries.graphql 生成 src/api.gen.ts：查询是字符串，运行时不需要 graphql 包。
const config: CodegenConfig = {
  schema: '../../schema.graphqls',
  documents: 'src/queries.graphql',
  generates: {
    'src/api.gen.ts': {
      plugins: ['typescript-operations', 'typed-document-node'],
      config: {
        documentMode: 'string',
        documentVariableSuffix: '',
        enumsAsTypes: true,
        enumType: 'string-literal',
        useTypeImports: true,
        dedupeFragments: true,
        scalars: { ID: 'string', Time: 'string', Cursor: 'string', JSON: 'unknown' },
      },
    },
  },
};

export default config;
