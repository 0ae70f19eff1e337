package graph

// SDL returns the text of schema.graphqls.
func SDL() string {
	return new(Resolver).Schema().Schema().Query.Position.Src.Input
}
