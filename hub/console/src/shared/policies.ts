// What the keys of the policy table mean (catalog/base/policy.cc).
import { say } from "./language";

const policies: Record<string, [string, string]> = {
  "grant.accept_working_days": ["受理申请（工作日，0 为不单设）", "Taking an application up (working days; 0: no limit)"],
  "grant.answer_working_days": ["答复有条件共享申请（工作日）", "Answering a conditional application (working days)"],
  "grant.answer_unconnected_working_days": ["答复未接入资源的申请（工作日）", "Answering for data not yet connected (working days)"],
  "grant.deliver_working_days": ["同意后提供数据（工作日，0 为不设）", "Delivering after consent (working days; 0: no limit)"],
  "grant.escalate_after_working_days": ["逾期多久提请裁定（工作日）", "Escalated so long after the limit (working days)"],
  "grant.authority_working_days": ["主管部门裁定（工作日）", "The office decides within (working days)"],
  "grant.expiry_warning_days": ["授权到期前首次提醒（天）", "First warning before a grant ends (days)"],
  "grant.expiry_last_warning_days": ["授权到期前再次提醒（天）", "Last warning before a grant ends (days)"],
  "certificate.expiry_warning_days": ["证书到期前提醒（天）", "Warning before a certificate ends (days)"],
  "delegation.days_max": ["委托代办最长（天）", "Longest delegation (days)"],
  "assessment.score_max": ["风险评估可通过的最高分", "Highest score of a risk assessment that passes"],
  "demand.answer_working_days": ["答复数据需求（工作日）", "Answering a demand (working days)"],
  "objection.answer_working_days": ["答复异议（工作日）", "Answering an objection (working days)"],
  "objection.answer_max_working_days": ["异议延期后最长（工作日）", "With an extension at most (working days)"],
  "resource.function_change_working_days": ["职能变化后更新目录（工作日）", "Entries follow a change of functions (working days)"],
  "account.lockout_tries": ["连续失败几次锁定", "Failures in a row that lock"],
  "account.lockout_minutes": ["锁定多久（分钟）", "Locked for (minutes)"],
  "account.break_glass_hours": ["应急授权最长（小时）", "Longest break-glass (hours)"],
  "report.cut_off_day": ["月报截止日（每月几日）", "Reports are due on day"],
  "report.remind_days_before": ["月报截止前提醒（天）", "Reminder before that (days)"],
  "task.warning_days": ["任务到期前预警（天）", "Warning before a task is due (days)"],
  "task.basically_percent": ["“基本完成”的比例（%）", "What counts as basically done (%)"],
  "alarm.volume_times_mean": ["用量告警：平时的倍数", "Volume alarm: times the mean"],
  "alarm.volume_releases_min": ["用量告警：最少次数", "Volume alarm: least releases"],
  "alarm.night_begins_hour": ["夜间自（时）", "Night begins (hour)"],
  "alarm.night_ends_hour": ["夜间至（时）", "Night ends (hour)"],
  "alarm.night_releases": ["夜间告警：次数", "Night alarm: releases"],
  "alarm.sequential_persons": ["连号查询告警：人数", "Sequential alarm: persons"],
  "alarm.sequential_seconds": ["连号查询告警：时长（秒）", "Sequential alarm: within (seconds)"],
  "alarm.empty_permille": ["空查告警：比例（‰）", "Empty-answer alarm: share (‰)"],
  "alarm.empty_questions_min": ["空查告警：最少次数", "Empty-answer alarm: least questions"],
  "alarm.lookers": ["同一人被多方查询告警：系统数", "One person, many lookers: systems"],
  "dataset.target": ["开放数据集目标（个）", "Target of open datasets"],
  "dataset.probe_days": ["开放数据探测有效（天）", "A probe counts for (days)"],
  "dataset.k_public": ["公开数据 k-匿名", "k of public data"],
  "dataset.k_controlled": ["受控数据 k-匿名", "k of controlled data"],
  "dataset.l_diversity": ["l-多样性", "l-diversity"],
  "dataset.small_cell": ["统计小格阈值", "Smallest cell of statistics"],
};

export const policyText = (key: string | undefined) => {
  const pair = policies[key ?? ""];
  return pair ? say(pair[0], pair[1]) : (key ?? "");
};
