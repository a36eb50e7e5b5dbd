// Findings of the catalogue in words.
import { say } from "../shared/language";

const texts: Record<string, [string, string]> = {
  CREDIT_CODE_MISSING: ["缺提供方统一社会信用代码", "Credit code of the provider is missing"],
  BASE_ITEM_NOT_UNCONDITIONAL: ["基础信息资源应当无条件共享", "A base item should be unconditional"],
  SECOND_PROVIDER: ["同一信息项有第二个数源", "A second provider of the same item"],
  DUPLICATE_NAME_LIKE: ["与别的条目名称雷同", "Name like that of another entry"],
  UPDATE_OVERDUE: ["数据超过更新周期", "Data behind its update cycle"],
  RELATED_CODE_UNKNOWN: ["关联资源代码不存在", "Related code is unknown"],
  CLASSIFICATION_UNKNOWN: ["分类代码不在代码表里", "Classification is not in the table"],
  CERTIFICATE_TYPE_UNKNOWN: ["证照类型代码不在代码表里", "Certificate type is not in the table"],
  CODE_LENGTH_UNUSUAL: ["代码长度少见，请核对", "Unusual length of the code"],
  CODE_ITEM_UNKNOWN: ["项代码不在指南里", "Item is not of the guide"],
  FORMAT_TYPE_UNKNOWN: ["格式类型与分类不符", "Format type does not fit its category"],
  FIELD_NAME_REPEATED: ["信息项名称重复", "Names of items repeat"],
  SENSITIVE_WITHOUT_MASK: ["敏感个人信息没有设脱敏", "Sensitive item without a mask"],
  OPEN_WITH_PERSONAL_FIELDS: ["开放条目含个人信息", "Open entry with personal items"],
  OPEN_BUT_NOT_SHARED: ["开放却不予共享", "Open, but not shared"],
};
export const findingReasons = Object.keys(texts);
export function findingText(reason: string | undefined): string {
  const pair = texts[reason ?? ""];
  return pair ? say(pair[0], pair[1]) : (reason ?? "");
}
