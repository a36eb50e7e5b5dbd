// Columns of catalogue entries: the core elements of the guide (发改高技〔2017〕1272号) in its order, then what the national
// template and the hub add.
#include "catalog/sheets/columns.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::sheets {
namespace {

const Words& FormatCategories() {
  static const Words words = {
      {v1::FORMAT_CATEGORY_DOCUMENT, "电子文件", {"电子文档", "文档"}},
      {v1::FORMAT_CATEGORY_SPREADSHEET, "电子表格", {"表格"}},
      {v1::FORMAT_CATEGORY_DATABASE, "数据库", {"数据库类"}},
      {v1::FORMAT_CATEGORY_IMAGE, "图形图像", {"图形图像类", "图像"}},
      {v1::FORMAT_CATEGORY_STREAM, "流媒体", {"流媒体类"}},
      {v1::FORMAT_CATEGORY_SELF_DESCRIBED, "自描述格式", {"自描述"}},
  };
  return words;
}

const Words& DataTypes() {
  static const Words words = {
      {v1::DATA_TYPE_CHARACTER, "字符型", {"C", "字符", "字符串", "文本", "字符串型"}},
      {v1::DATA_TYPE_NUMERIC, "数值型", {"N", "数值", "数字型"}},
      {v1::DATA_TYPE_CURRENCY, "货币型", {"Y", "货币"}},
      {v1::DATA_TYPE_DATE, "日期型", {"D", "日期"}},
      {v1::DATA_TYPE_DATETIME, "日期时间型", {"T", "日期时间", "时间型"}},
      {v1::DATA_TYPE_LOGICAL, "逻辑型", {"L", "逻辑", "布尔型"}},
      {v1::DATA_TYPE_MEMO, "备注型", {"M", "备注"}},
      {v1::DATA_TYPE_GENERAL, "通用型", {"G", "通用"}},
      {v1::DATA_TYPE_DOUBLE, "双精度型", {"B", "双精度"}},
      {v1::DATA_TYPE_INTEGER, "整型", {"I", "整数型", "整数"}},
      {v1::DATA_TYPE_FLOAT, "浮点型", {"F", "浮点"}},
  };
  return words;
}

const Words& Sensitivities() {
  static const Words words = {
      {v1::SENSITIVITY_UNSPECIFIED, "非个人信息", {"一般", "无", "否"}},
      {v1::SENSITIVITY_PERSONAL, "个人信息", {"一般个人信息"}},
      {v1::SENSITIVITY_SENSITIVE, "敏感个人信息", {"敏感"}},
  };
  return words;
}

const Words& Masks() {
  static const Words words = {
      {v1::MASK_UNSPECIFIED, "不脱敏", {"无"}},
      {v1::MASK_ID_NUMBER, "身份证号", {"公民身份号码"}},
      {v1::MASK_NAME, "姓名", {}},
      {v1::MASK_MOBILE, "手机号", {"手机号码"}},
      {v1::MASK_ALL, "全部隐藏", {"全部"}},
      {v1::MASK_ID_NUMBER_DISPLAY, "身份证号（展示）", {}},
      {v1::MASK_NAME_DISPLAY, "姓名（展示）", {}},
      {v1::MASK_BANK_CARD, "银行卡号", {}},
      {v1::MASK_BANK_CARD_DISPLAY, "银行卡号（展示）", {}},
      {v1::MASK_ADDRESS, "地址", {"住址"}},
      {v1::MASK_ADDRESS_DISPLAY, "地址（展示）", {}},
      {v1::MASK_BIRTH_DATE, "出生日期", {}},
      {v1::MASK_BIRTH_DATE_DISPLAY, "出生日期（展示）", {}},
      {v1::MASK_EMAIL, "电子邮箱", {"邮箱"}},
      {v1::MASK_LANDLINE, "固定电话", {}},
      {v1::MASK_PLATE, "车牌号", {}},
      {v1::MASK_PASSPORT, "护照号", {}},
      {v1::MASK_PSEUDONYM, "化名", {"假名"}},
  };
  return words;
}

const Words& ShareTypes() {
  static const Words words = {
      {v1::SHARE_TYPE_UNCONDITIONAL, "无条件共享", {"无条件", "普遍共享", "无条件共享类"}},
      {v1::SHARE_TYPE_CONDITIONAL, "有条件共享", {"有条件", "授权共享", "有条件共享类"}},
      {v1::SHARE_TYPE_NOT_SHARED, "不予共享", {"不共享", "不予共享类"}},
  };
  return words;
}

const Words& ShareModeCategories() {
  static const Words words = {
      {v1::SHARE_MODE_CATEGORY_PLATFORM, "共享平台方式", {"共享平台", "平台方式"}},
      {v1::SHARE_MODE_CATEGORY_OTHER, "其他方式", {"邮件、介质交换等其他方式", "其他", "其它方式", "邮件", "介质交换", "拷盘"}},
  };
  return words;
}

const Words& ShareModeTypes() {
  static const Words words = {
      {v1::SHARE_MODE_TYPE_DATABASE, "数据库", {"库表", "数据库方式"}},
      {v1::SHARE_MODE_TYPE_FILE, "文件", {"文件方式"}},
      {v1::SHARE_MODE_TYPE_INTERFACE, "接口", {"服务接口", "接口方式", "API"}},
  };
  return words;
}

const Words& OpenTypes() {
  static const Words words = {
      {v1::OPEN_TYPE_UNCONDITIONAL, "无条件开放", {"无条件"}},
      {v1::OPEN_TYPE_CONDITIONAL, "有条件开放", {"有条件", "依申请开放"}},
      {v1::OPEN_TYPE_NOT_OPEN, "不予开放", {"不开放", "否"}},
  };
  return words;
}

const Words& UpdateCycles() {
  static const Words words = {
      {v1::UPDATE_CYCLE_REALTIME, "实时", {"实时更新"}},
      {v1::UPDATE_CYCLE_DAILY, "每日", {"每天", "日"}},
      {v1::UPDATE_CYCLE_WEEKLY, "每周", {"周"}},
      {v1::UPDATE_CYCLE_MONTHLY, "每月", {"月"}},
      {v1::UPDATE_CYCLE_QUARTERLY, "每季度", {"每季", "季度"}},
      {v1::UPDATE_CYCLE_SEMIANNUAL, "每半年", {"半年"}},
      {v1::UPDATE_CYCLE_ANNUAL, "每年", {"年", "年度"}},
      {v1::UPDATE_CYCLE_IRREGULAR, "不定期", {"其他", "不定期更新"}},
      {v1::UPDATE_CYCLE_NEVER, "不更新", {"静态"}},
  };
  return words;
}

const Words& BaseDatabases() {
  static const Words words = {{1, "自然人", {"人口"}},
                              {2, "法人", {"法人单位"}},
                              {3, "公共信用", {"社会信用"}},
                              {4, "空间地理", {"自然资源和空间地理"}},
                              {5, "行政执法", {}}};
  return words;
}

const Words& HolderKinds() {
  static const Words words = {{1, "自然人", {"个人"}, "natural_person"},
                              {2, "法人", {"法人和其他组织", "企业"}, "legal_person"},
                              {3, "混合", {"自然人和法人"}, "mixed"}};
  return words;
}

}  // namespace

SheetTable ResourceTable() {
  SheetTable table{v1::SHEET_KIND_RESOURCES, "政务信息资源目录", "fields", 6, {}};
  table.columns = {
      {.group = "信息资源分类", .heading = "类", .element = "class_code", .form = Form::kCodePart,
       .synonyms = {"类代码", "分类类"}, .width = 5, .hint = "由信息资源代码得出，可不填"},
      {.group = "信息资源分类", .heading = "项", .element = "item_code", .form = Form::kCodePart,
       .synonyms = {"项代码", "分类项"}, .width = 5, .hint = "由信息资源代码得出，可不填"},
      {.group = "信息资源分类", .heading = "目", .element = "catalog_code", .form = Form::kCodePart,
       .synonyms = {"目代码", "分类目"}, .width = 5, .hint = "由信息资源代码得出，可不填"},
      {.group = "信息资源分类", .heading = "细目", .element = "detail_code", .form = Form::kCodePart,
       .synonyms = {"细目代码", "分类细目"}, .width = 8, .hint = "由信息资源代码得出，可不填"},
      {.heading = "信息资源代码", .element = "resource_code", .form = Form::kCode,
       .synonyms = {"资源代码", "目录代码", "信息资源编码"}, .required = true, .width = 22,
       .hint = "类1位、项2位、目3位、细目不定长，“/”后为顺序码，例如308001370200/000001；发布后不得更改"},
      {.heading = "信息资源名称", .element = "display_name", .synonyms = {"资源名称", "目录名称"}, .required = true,
       .width = 26, .hint = "数据内容的名称，不得与信息系统同名，不超过100字"},
      {.heading = "原有代码", .element = "legacy_code", .synonyms = {"历史代码", "旧代码", "原代码"}, .width = 14,
       .hint = "过去使用过的代码"},
      {.heading = "信息资源提供方", .element = "provider", .form = Form::kBody,
       .synonyms = {"提供方", "提供方名称", "信息资源提供方名称", "资源提供方", "提供单位"}, .required = true, .width = 22,
       .hint = "单位全称、简称、单位代码或统一社会信用代码"},
      {.heading = "提供方内部部门", .element = "provider_unit", .synonyms = {"内部部门", "提供方处室"}, .width = 16,
       .hint = "没有的填“无相关内部部门”"},
      {.heading = "信息资源提供方代码", .element = "provider_code", .form = Form::kCode,
       .synonyms = {"提供方代码", "资源提供方代码", "统一社会信用代码"}, .width = 22,
       .hint = "18位统一社会信用代码；不填时取单位名录中的代码"},
      {.heading = "信息资源摘要", .element = "abstract", .form = Form::kLines, .synonyms = {"资源摘要", "摘要"},
       .required = true, .width = 40, .hint = "对内容或关键字段的概要描述，不超过1000字"},
      {.group = "信息资源格式", .heading = "格式分类", .element = "format_category", .form = Form::kWord,
       .synonyms = {"信息资源格式分类", "资源格式分类"}, .required = true, .width = 12, .words = &FormatCategories()},
      {.group = "信息资源格式", .heading = "格式类型", .element = "format_types", .form = Form::kList,
       .synonyms = {"信息资源格式类型", "资源格式类型", "信息资源格式"}, .required = true, .width = 14,
       .hint = "例如xlsx、oracle；多个用“、”分开"},
      {.group = "信息项信息", .heading = "信息项名称", .element = "fields[].display_name",
       .synonyms = {"数据项名称", "字段名称", "item_name"}, .width = 20, .hint = "一个信息项一行；电子表格和数据库必填"},
      {.group = "信息项信息", .heading = "信息项英文名", .element = "fields[].field", .form = Form::kText,
       .synonyms = {"字段名", "字段英文名", "英文名", "字段代码"}, .width = 18,
       .hint = "程序使用的名称：小写字母开头，由小写字母、数字和下划线组成；不填时自动编号"},
      {.group = "信息项信息", .heading = "数据类型", .element = "fields[].data_type", .form = Form::kWord,
       .synonyms = {"信息项数据类型", "类型"}, .width = 12, .words = &DataTypes(), .hint = "也可填C、N、Y、D、T、L、M、G、B、I、F"},
      {.group = "信息项信息", .heading = "数据长度", .element = "fields[].length", .form = Form::kWhole,
       .synonyms = {"长度", "信息项数据长度"}, .width = 9, .hint = "字符型、数值型、双精度型、整型、浮点型必填"},
      {.group = "信息项信息", .heading = "主键", .element = "fields[].key", .form = Form::kYesNo,
       .synonyms = {"是否主键", "查询条件"}, .width = 7, .hint = "可作查询条件的信息项填“是”"},
      {.group = "信息项信息", .heading = "敏感级别", .element = "fields[].sensitivity", .form = Form::kWord,
       .synonyms = {"敏感程度", "个人信息"}, .width = 14, .words = &Sensitivities()},
      {.group = "信息项信息", .heading = "脱敏方式", .element = "fields[].mask", .form = Form::kWord,
       .synonyms = {"脱敏规则"}, .width = 12, .words = &Masks()},
      {.group = "信息项信息", .heading = "个人标识", .element = "fields[].person_key", .form = Form::kYesNo,
       .synonyms = {"人员标识"}, .width = 9, .hint = "记录对应之人的公民身份号码填“是”"},
      {.group = "信息项信息", .heading = "信息项备注", .element = "fields[].note", .form = Form::kLines,
       .synonyms = {"信息项说明", "备注"}, .width = 24, .hint = "备注型必填"},
      {.group = "共享属性", .heading = "共享类型", .element = "share_type", .form = Form::kWord, .required = true,
       .width = 12, .words = &ShareTypes(), .hint = "也可填1、2、3"},
      {.group = "共享属性", .heading = "共享条件", .element = "share_condition", .form = Form::kLines,
       .synonyms = {"共享要求"}, .required = true, .width = 30,
       .hint = "无条件填使用要求；有条件填使用要求、共享条件和共享范围；不予共享填法律、行政法规或政策依据"},
      {.group = "共享属性", .heading = "共享方式分类", .element = "share_mode_category", .form = Form::kWord,
       .synonyms = {"共享方式"}, .required = true, .width = 14, .words = &ShareModeCategories()},
      {.group = "共享属性", .heading = "共享方式类型", .element = "share_mode_type", .form = Form::kWord, .required = true,
       .width = 12, .words = &ShareModeTypes(), .hint = "数据库类填数据库或接口，文件类填文件"},
      {.group = "开放属性", .heading = "是否向社会开放", .element = "open_to_public", .form = Form::kOpenFlag,
       .synonyms = {"是否开放"}, .width = 12, .hint = "由开放类型得出，可不填"},
      {.group = "开放属性", .heading = "开放类型", .element = "open_type", .form = Form::kWord, .width = 12,
       .words = &OpenTypes()},
      {.group = "开放属性", .heading = "开放条件", .element = "open_condition", .form = Form::kLines, .width = 24,
       .hint = "有条件开放必填"},
      {.heading = "更新周期", .element = "update_cycle", .form = Form::kWord, .required = true, .width = 10,
       .words = &UpdateCycles()},
      {.heading = "发布日期", .element = "release_date", .form = Form::kDate, .width = 12, .hint = "不填时为发布当日"},
      {.heading = "关联资源代码", .element = "related_codes", .form = Form::kCodes, .synonyms = {"关联信息资源代码"},
       .width = 24, .hint = "多个用“、”分开"},
      {.heading = "所属系统名称", .element = "source_system", .form = Form::kSystem,
       .synonyms = {"所属系统", "来源系统", "信息系统名称"}, .width = 22, .hint = "须是已登记的信息系统"},
      {.group = "信息资源大普查", .heading = "总存储量（GB）", .element = "census.storage_gb", .form = Form::kNumber,
       .synonyms = {"数据存储总量"}, .width = 11},
      {.group = "信息资源大普查", .heading = "结构化信息记录总数（万）", .element = "census.records_10k",
       .form = Form::kNumber, .synonyms = {"结构化记录总数"}, .width = 13},
      {.group = "信息资源大普查", .heading = "已共享的数据存储量（GB）", .element = "census.shared_gb",
       .form = Form::kNumber, .synonyms = {"共享存储量"}, .width = 13},
      {.group = "信息资源大普查", .heading = "已共享的结构化记录数（万）", .element = "census.shared_records_10k",
       .form = Form::kNumber, .synonyms = {"共享记录数"}, .width = 13},
      {.group = "信息资源大普查", .heading = "已开放的数据存储量（GB）", .element = "census.open_gb",
       .form = Form::kNumber, .synonyms = {"开放存储量"}, .width = 13},
      {.group = "信息资源大普查", .heading = "已开放的结构化记录数（万）", .element = "census.open_records_10k",
       .form = Form::kNumber, .synonyms = {"开放记录数"}, .width = 13},
      {.heading = "所属基础库", .element = "base_database", .form = Form::kChoice, .synonyms = {"基础库", "基础数据库"},
       .width = 11, .words = &BaseDatabases()},
      {.group = "电子证照", .heading = "证照类型代码", .element = "electronic_certificate.type_code", .form = Form::kCode,
       .width = 16, .hint = "仅电子证照类资源填写"},
      {.group = "电子证照", .heading = "持证主体", .element = "electronic_certificate.holder_kind",
       .form = Form::kChoice, .width = 14, .words = &HolderKinds()},
      {.group = "电子证照", .heading = "授权级别", .element = "electronic_certificate.authorisation_level",
       .form = Form::kWhole, .width = 9, .hint = "1至4"},
      {.heading = "数据更新日期", .element = "data_update_date", .form = Form::kDate, .synonyms = {"最近更新日期"},
       .width = 12},
      {.heading = "连接器", .element = "connectors", .form = Form::kList, .width = 30,
       .hint = "可提供该资源的连接器名称，由运维填写"},
  };
  return table;
}

}  // namespace zhanqiao::sheets
