package graph

// SDL is the schema as schema.graphqls has it.
func SDL() string {
	return new(Resolver).Schema().Schema().Query.Position.Src.Input
}
