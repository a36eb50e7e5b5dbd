// The approved map as paths on a sheet. The hub has checked it (hub/console/district_map.h).
import type { FigureRow } from "@contract";

type Position = [number, number];
type Polygon = Position[][];
export interface DistrictMap {
  approval: string;
  features: { properties: { code?: string | number; adcode?: string | number; name: string }; geometry: { type: "Polygon"; coordinates: Polygon } | { type: "MultiPolygon"; coordinates: Polygon[] } }[];
}
export interface Outline { code: string; name: string; path: string; x: number; y: number }

let asked: Promise<DistrictMap | null> | null = null;
/** The configured map; null without one. Asked for once. */
export function loadMap(): Promise<DistrictMap | null> {
  asked ??= fetch("/console/map.geojson").then((answer) => (answer.ok ? (answer.json() as Promise<DistrictMap | null>) : null), () => null);
  return asked;
}

const polygonsOf = (feature: DistrictMap["features"][number]) => (feature.geometry.type === "Polygon" ? [feature.geometry.coordinates] : feature.geometry.coordinates);
const areaOf = (ring: Position[]) => Math.abs(ring.reduce((sum, [x, y], at) => sum + x * ring[(at + 1) % ring.length]![1] - ring[(at + 1) % ring.length]![0] * y, 0)) / 2;

/** Outlines that fill a sheet of `width` by `height`; a degree of longitude is as long as it is at the map's middle. */
export function outlinesOf(map: DistrictMap, width: number, height: number): Outline[] {
  const all = map.features.flatMap((feature) => polygonsOf(feature).flat(2));
  const least = (axis: 0 | 1) => all.reduce((found, at) => Math.min(found, at[axis]), Infinity);
  const most = (axis: 0 | 1) => all.reduce((found, at) => Math.max(found, at[axis]), -Infinity);
  const [west, east, south, north] = [least(0), most(0), least(1), most(1)];
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = Math.min((width - 20) / Math.max((east - west) * shrink, 1e-9), (height - 20) / Math.max(north - south, 1e-9));
  const left = (width - (east - west) * shrink * scale) / 2;
  const top = (height - (north - south) * scale) / 2;
  const onSheet = ([longitude, latitude]: Position): Position => [left + (longitude - west) * shrink * scale, top + (north - latitude) * scale];
  return map.features.map((feature) => {
    const rings = polygonsOf(feature).flat().map((ring) => ring.map(onSheet));
    const largest = rings.reduce((best, ring) => (areaOf(ring) > areaOf(best) ? ring : best));
    const middle = (axis: 0 | 1) => (largest.reduce((found, at) => Math.min(found, at[axis]), Infinity) + largest.reduce((found, at) => Math.max(found, at[axis]), -Infinity)) / 2;
    return {
      code: String(feature.properties.code ?? feature.properties.adcode), name: feature.properties.name, x: middle(0), y: middle(1),
      path: rings.map((ring) => `M${ring.map((at) => at.map((part) => part.toFixed(1)).join(" ")).join("L")}Z`).join(""),
    };
  });
}

/** How a district stands against the target. */
export function levelOf(count: FigureRow["count"], target: number): "none" | "met" | "near" | "far" {
  if (!count?.due) return "none";
  const ratio = count.ratio ?? 0;
  return ratio >= (target || 1) ? "met" : ratio >= (target || 1) * 0.85 ? "near" : "far";
}
