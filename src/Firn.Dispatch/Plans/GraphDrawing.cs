using System.Text;
using Firn.Supervision.Units;

namespace Firn.Dispatch.Plans;

/// <summary>Draws what units need: a row of text for each, or a picture with a column for each layer.</summary>
public static class GraphDrawing
{
    private const int BoxWidth = 170, BoxHeight = 30, ColumnGap = 90, RowGap = 14, Margin = 20;

    public static string Text(SortedDictionary<string, UnitProperties> units, List<List<string>> layers)
    {
        var edges = new List<(string From, string To, string Kind)>(UnitRelations.Edges(units));
        var text = new StringBuilder();
        for (var i = 0; i < layers.Count; i++)
            foreach (var name in layers[i])
            {
                text.Append($"{i + 1,3}  {name}");
                foreach (var (from, to, kind) in edges)
                    if (from == name) text.Append($"  {kind} {to}");
                text.Append('\n');
            }
        return text.ToString();
    }

    public static string Svg(SortedDictionary<string, UnitProperties> units, List<List<string>> layers)
    {
        var places = new Dictionary<string, (int X, int Y)>();
        var rows = 1;
        for (var column = 0; column < layers.Count; column++)
            for (var row = 0; row < layers[column].Count; row++)
            {
                places[layers[column][row]] = (Margin + (column * (BoxWidth + ColumnGap)), Margin + (row * (BoxHeight + RowGap)));
                rows = Math.Max(rows, row + 1);
            }
        var width = (2 * Margin) + (Math.Max(1, layers.Count) * (BoxWidth + ColumnGap)) - ColumnGap;
        var height = (2 * Margin) + (rows * (BoxHeight + RowGap)) - RowGap;
        var svg = new StringBuilder($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\">\n");
        svg.Append("<defs><marker id=\"end\" markerWidth=\"8\" markerHeight=\"8\" refX=\"7\" refY=\"4\" orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\"/></marker></defs>\n");
        foreach (var (from, to, kind) in UnitRelations.Edges(units))
        {
            if (!places.TryGetValue(from, out var start) || !places.TryGetValue(to, out var end)) continue;
            var dash = kind is "wants" or "after" ? " stroke-dasharray=\"4 3\"" : "";
            svg.Append($"<path d=\"M{end.X + BoxWidth},{end.Y + (BoxHeight / 2)} C{end.X + BoxWidth + 40},{end.Y + (BoxHeight / 2)} {start.X - 40},{start.Y + (BoxHeight / 2)} {start.X},{start.Y + (BoxHeight / 2)}\" fill=\"none\" stroke=\"#555\"{dash} marker-end=\"url(#end)\"><title>{Escape(from)} {kind} {Escape(to)}</title></path>\n");
        }
        foreach (var (name, (x, y)) in places)
            svg.Append($"<rect x=\"{x}\" y=\"{y}\" width=\"{BoxWidth}\" height=\"{BoxHeight}\" rx=\"4\" fill=\"#eef3fa\" stroke=\"#345\"/><text x=\"{x + 8}\" y=\"{y + 20}\">{Escape(name)}</text>\n");
        return svg.Append("</svg>\n").ToString();
    }

    private static string Escape(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
}
