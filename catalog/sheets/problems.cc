#include "catalog/sheets/problems.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "catalog/base/text.h"

namespace zhanqiao::sheets {
namespace {

struct Known {
  std::string_view reason;
  std::string_view english;  // empty: the violation brings its own
  std::string_view chinese;  // {} is the detail, or the last number of the English sentence
};

constexpr Known kKnown[] = {
    // Of the sheets themselves.
    {"COLUMN_MISSING", "The heading lacks the column {}; add it (zq … template gives an empty sheet).", "表头缺少“{}”一列，请补上。"},
    {"COLUMN_UNKNOWN", "No such column is known; remove or rename it.", "不认识这一列，请删除或改用模板中的列名。"},
    {"COLUMN_REPEATED", "The column stands in the heading twice (also in column {}); keep one.", "这一列在表头中出现两次（另见{}列），请保留一列。"},
    {"CELL_FORMULA_ERROR", "The cell's formula gave the error {}; write the value instead.", "单元格公式出错（{}），请改填数值。"},
    {"NUMBER_PRECISION", "A spreadsheet keeps 15 digits of a number; format the cell as text and type all digits again.", "数字超过15位，电子表格已丢失末位；请把单元格设为文本格式后重新填写。"},
    {"VALUE_WORD", "Give one of {}.", "请填写下列之一：{}。"},
    {"VALUE_YES_NO", "Give 是 or 否.", "请填“是”或“否”。"},
    {"VALUE_WHOLE", "Give a whole number.", "请填整数。"},
    {"VALUE_NUMBER", "Give a number.", "请填数字。"},
    {"VALUE_DATE", "Give an existing date, for example 2018-03-01.", "请填实际存在的日期，例如2018-03-01。"},
    {"BODY_UNKNOWN", "No organisation of this name or code is stored; correct it or have the office add it.", "没有这个单位，请填写名录中的单位名称或代码。"},
    {"BODY_AMBIGUOUS", "Several organisations have this name; give the code instead.", "有多个单位使用这个名称，请改填单位代码。"},
    {"SYSTEM_NAME_UNKNOWN", "No information system of this name is registered; correct it or register it first.", "没有登记过这个信息系统，请更正名称或先行登记。"},
    {"SYSTEM_NAME_AMBIGUOUS", "Several information systems have this name; give organizations/{code}/systems/{id}.", "有多个信息系统使用这个名称，请改填完整的系统标识。"},
    {"CODE_PART_DIFFERS", "Is not this part of the 信息资源代码; correct one of the two or leave it empty.", "与信息资源代码中的对应部分不一致，请更正或留空。"},
    {"OPEN_FLAG_DIFFERS", "Contradicts the 开放类型; correct one of the two or leave it empty.", "与开放类型不一致，请更正或留空。"},
    {"ENTRY_CELL_DIFFERS", "Differs from row {} of the same entry; leave it blank in its further rows or make it equal.", "与同一条目录第{}行的内容不同；后续各行请留空或填写相同内容。"},
    {"ITEM_BEFORE_ENTRY", "The row belongs to no entry; fill in the entry's columns in its first row.", "这一行不属于任何目录条目，请在条目的第一行填写名称和代码。"},
    {"REPEATED_IN_FILE", "Stands in row {} already; one file holds a document once.", "第{}行已有同一代码，同一文件中不得重复。"},
    {"NAME_LIKE_IN_FILE", "Row {} has this name but for punctuation or blanks; tell them apart or merge them.", "与第{}行的名称仅标点或空格不同，请区别命名或合并。"},
    {"NOT_YOUR_BODY", "Belongs to another body; a clerk's file holds what is his own body's only.", "不属于本单位，只能导入本单位的内容。"},
    {"ENTRY_IN_FORCE", "The entry is published, so only an approver of its provider or the office may change it.", "该条目已发布，只能由提供方审批人员或主管部门修改。"},
    {"RESOURCE_WITHDRAWN", "The entry is withdrawn and cannot change; create one with a new code.", "该条目已撤销，不能修改；请使用新代码另行编制。"},
    {"RESOURCE_SUBMITTED", "The entry lies with the office for review; change it after the review.", "该条目正在审核，审核结束后再修改。"},
    {"RESOURCE_REVIEW_REQUIRED", "How a published entry is shared and opened was reviewed; ask the office to change it.", "已发布条目的共享和开放属性经过审核，请由主管部门修改。"},
    {"CLASSIFICATION_UNKNOWN", "No such classification stands in the code table; correct it or have the office add it.", "分类代码表中没有这个分类，请更正或由主管部门补充。"},
    {"CODES_EXHAUSTED", "Every code under this classification is used up; choose another.", "该分类下的顺序码已用完，请改用其他分类。"},
    {"BASE_DATABASE_MISMATCH", "", "与信息资源代码的“项”所对应的基础库不一致，请更正或留空。"},
    {"CERTIFICATE_REQUIRED", "", "电子证照类（1类05项）须填写证照类型代码、持证主体和授权级别。"},
    {"CERTIFICATE_ELSEWHERE", "", "只有电子证照类（1类05项）才填写证照信息，请留空或更正代码。"},
    {"CERTIFICATE_TYPE", "", "证照类型代码应为定义机构的18位代码加3位数字，例如11100000000013127D001。"},
    {"CERTIFICATE_HOLDER", "", "持证主体请填自然人、法人或混合。"},
    {"CERTIFICATE_LEVEL", "", "授权级别请填1（对所有获授权系统开放）至4（一事一议）。"},
    {"DATE_IN_FUTURE", "", "晚于今天，请填写数据实际更新的日期。"},
    {"SYSTEM_ID_MISSING", "The owning body is unknown, so the system cannot be named; correct it first.", "所属单位有误，无法确定系统标识。"},
    // Of the model's rules.
    {"RESOURCE_CODE", "", "信息资源代码应为：类1位、项2位、目3位、细目0至12位，“/”后顺序码1至12位，例如308001370200/000001。"},
    {"RESOURCE_NAME", "", "资源名称标识与信息资源代码不符。"},
    {"CODE_REPEATED", "", "是本条目自己的代码或已经列出，请删除。"},
    {"ORGANIZATION_NAME", "", "请填写单位代码：1至32位数字、大写字母和中间的连字符。"},
    {"ORGANIZATION_UNKNOWN", "", "没有这个单位，请先登记。"},
    {"CREDIT_CODE", "", "统一社会信用代码应为18位且校验码正确；不清楚时留空。"},
    {"PROVIDER_CODE_MISMATCH", "", "与名录中提供方的统一社会信用代码不符；留空则自动取用。"},
    {"PROVIDER_IMMUTABLE", "", "条目不能更换提供方；请撤销后由新的提供方另行编制。"},
    {"TEXT_REQUIRED", "", "必填，不能只有空格，不超过{}字。"},
    {"TEXT_TOO_LONG", "", "文字过长，请缩短到{}字以内。"},
    {"TEXT_UNCLEAN", "", "含有换行或不可见字符，请写成一行并删除控制字符。"},
    {"ENUM_VALUE", "", "请填写规定的取值之一。"},
    {"FORMAT_TYPES", "", "必填，请填写1至20种格式类型，例如xlsx。"},
    {"FORMAT_TYPE_REPEATED", "", "格式类型重复，请删除。"},
    {"FORMAT_TYPE_OF_ANOTHER_CATEGORY", "", "这种类型属于另一格式分类，请更正类型或分类。"},
    {"SHARE_BASIS_REQUIRED", "", "不予共享须写明法律、行政法规或政策依据（国发〔2016〕51号）。"},
    {"SHARE_BASIS_UNCLEAR", "", "依据须写明法律、行政法规或政策文件的名称。"},
    {"SHARE_CONDITION_REQUIRED", "", "有条件共享须写明使用要求、共享条件和共享范围。"},
    {"SHARE_MODE_TYPE", "", "数据库类以“数据库”或“接口”共享，文件类以“文件”共享；其他方式不填类型。"},
    {"DATE_INVALID", "", "请填实际存在的日期，例如2018-03-01，或留空。"},
    {"CENSUS_FIGURE", "", "请填不小于0的数字，不清楚的填0。"},
    {"BASE_DATABASE", "", "请填自然人、法人、公共信用、空间地理或行政执法，或留空。"},
    {"LIST_TOO_LONG", "", "列出过多，最多{}个。"},
    {"SYSTEM_NAME", "", "系统标识应为1至63位小写字母、数字和中间的连字符。"},
    {"SYSTEM_UNKNOWN", "", "没有登记过这个信息系统，请先行登记。"},
    {"SYSTEM_ITSELF", "", "不能是系统自身，请填写另一系统或留空。"},
    {"SYSTEM_COUNT", "", "请填0至10000的整数。"},
    {"SIGNING_KEY_SIZE", "", "签名公钥长度有误。"},
    {"CLEARED_WITHOUT_CLASS", "", "只有待清理的系统才有清理完成日期，请填写清理类别或删除日期。"},
    {"CLOUD_DATE_WITHOUT_CLOUD", "", "只有已上云的系统才有上云日期，请更正“已上云”或删除日期。"},
    {"NAME_IS_SYSTEM", "", "与信息系统同名，请改用数据内容的名称。"},
    {"CONNECTOR_NAME", "", "连接器应写作organizations/{code}/connectors/{id}。"},
    {"CONNECTOR_OF_ANOTHER_BODY", "", "连接器属于其他单位，只能使用提供方自己的连接器。"},
    {"CONNECTOR_REPEATED", "", "连接器重复，请删除。"},
    {"FIELDS_REQUIRED", "", "电子表格和数据库必须列出信息项，请至少填写一项。"},
    {"FIELDS_TOO_MANY", "", "信息项过多，最多{}项，请拆分条目。"},
    {"FIELD_NAME", "", "英文名应以小写字母开头，由小写字母、数字和下划线组成，不超过63位。"},
    {"FIELD_NAME_REPEATED", "", "同一条目中英文名重复，请分别命名。"},
    {"FIELD_LENGTH", "", "字符型、数值型、双精度型、整型、浮点型须填大于0的长度，最大1000000。"},
    {"MASK_NEEDS_TEXT", "", "脱敏只适用于字符型和备注型，请改数据类型或不脱敏。"},
    {"PERSON_KEY_TYPE", "", "个人标识须为字符型。"},
    {"KEY_TYPE", "", "通用型不能作主键。"},
    {"DIVISION_CODE", "", "请填GB/T 2260规定的六位行政区划代码，例如370200。"},
    {"PARENT_UNKNOWN", "", "没有这个上级单位，请更正或一并填入本表。"},
    {"PARENT_CYCLE", "", "上级单位关系成环，请更正。"},
};

const Known* Find(std::string_view reason) {
  for (const Known& known : kKnown) {
    if (known.reason == reason) return &known;
  }
  return nullptr;
}

std::string Filled(std::string_view text, std::string_view detail) {
  return absl::StrReplaceAll(Absl(text), {{"{}", Absl(detail)}});
}

// "100" of "…shorten it to at most 100."
std::string_view LastNumber(std::string_view text) {
  const size_t end = text.find_last_of("0123456789");
  if (end == std::string_view::npos) return {};
  const size_t before = text.find_last_not_of("0123456789", end);
  return text.substr(before + 1, end - before);
}

}  // namespace

Sentence SentenceOf(std::string_view reason, std::string_view detail) {
  const Known* known = Find(reason);
  if (known == nullptr) return {std::string(reason), "Is not right.", "填写有误。"};
  return {std::string(reason), Filled(known->english, detail), Filled(known->chinese, detail)};
}

Sentence SentenceOf(const Violation& violation, const Column* column) {
  if (violation.reason == "ENUM_VALUE" && column != nullptr && column->words != nullptr) {
    return {violation.reason, absl::StrCat("Required; give one of ", WordList(*column->words), "."),
            absl::StrCat("必填，请填写下列之一：", WordList(*column->words), "。")};
  }
  const Known* known = Find(violation.reason);
  const std::string_view chinese = known == nullptr ? std::string_view("填写有误，请对照填写说明更正。") : known->chinese;
  return {violation.reason, violation.description, Filled(chinese, LastNumber(violation.description))};
}

std::vector<std::string_view> KnownReasons() {
  std::vector<std::string_view> reasons;
  for (const Known& known : kKnown) reasons.push_back(known.reason);
  return reasons;
}

}  // namespace zhanqiao::sheets
