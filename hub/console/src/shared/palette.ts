// The colours of base.css as charts need them: read where the chart stands, so that a dark part of a page has its own.
export interface Palette {
  ink: string;
  muted: string;
  line: string;
  panel: string;
  brand: string;
  ok: string;
  warn: string;
  bad: string;
  series: string[];
}

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: of("--ink"), muted: of("--muted"), line: of("--line"), panel: of("--panel"), brand: of("--brand"), ok: of("--ok"), warn: of("--warn"), bad: of("--bad"),
    series: [of("--brand"), "#0f9d8a", "#c77700", "#7a5cc9", "#b8456b", "#5b8c2a", "#2f8fd0", "#8a6d3b"],
  };
}
