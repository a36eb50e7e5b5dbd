// The two times of a figure, as the address of a page keeps them: the day asked about, and what was known when.
import type { FigureTime } from "@contract";
import { say } from "../../../shared/language";

/** `known`: empty for now, "then" for what was known at the end of the day asked about, or a day. */
export interface Asked { as_of: string; known: string }

export function figureTime(asked: Asked): FigureTime {
  const known = asked.known === "then" ? asked.as_of : asked.known;
  return { ...(asked.as_of ? { as_of: asked.as_of } : {}), ...(known ? { known_on: known } : {}) };
}

/** For services that take a ledger position instead of a day. */
export function readTime(asked: Asked, knownAt: string | undefined): { as_of?: string; known_at?: string } {
  return { ...(asked.as_of ? { as_of: asked.as_of } : {}), ...(asked.known && knownAt !== undefined ? { known_at: knownAt } : {}) };
}

export const milestones = ["2017-12-31", "2018-03-31", "2018-06-30", "2018-09-30", "2018-12-31"];
export const planBegin = "2017-12-29"; // 青政办发〔2017〕40号 was issued

const day = 86_400_000;
export const dayNumber = (date: string) => Math.round(Date.parse(date) / day);
export const dateOf = (number: number) => new Date(number * day).toISOString().slice(0, 10);
export const monthBegin = (date: string) => `${date.slice(0, 7)}-01`;
export const yearBegin = (date: string) => `${date.slice(0, 4)}-01-01`;

export const districts: { code: string; zh: string; en: string; column: number; row: number }[] = [
  { code: "370283", zh: "平度", en: "Pingdu", column: 1, row: 1 },
  { code: "370285", zh: "莱西", en: "Laixi", column: 2, row: 1 },
  { code: "370281", zh: "胶州", en: "Jiaozhou", column: 1, row: 2 },
  { code: "370214", zh: "城阳", en: "Chengyang", column: 2, row: 2 },
  { code: "370215", zh: "即墨", en: "Jimo", column: 3, row: 2 },
  { code: "370203", zh: "市北", en: "Shibei", column: 2, row: 3 },
  { code: "370213", zh: "李沧", en: "Licang", column: 3, row: 3 },
  { code: "370212", zh: "崂山", en: "Laoshan", column: 4, row: 3 },
  { code: "370211", zh: "黄岛", en: "Huangdao", column: 1, row: 4 },
  { code: "370202", zh: "市南", en: "Shinan", column: 2, row: 4 },
];
export const districtName = (code: string) => {
  const found = districts.find((one) => one.code === code);
  return found ? say(found.zh, found.en) : code === "370200" ? say("市直", "City level") : code;
};
