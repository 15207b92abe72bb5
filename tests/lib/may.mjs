// Which role may what, written down by hand: the table of src/people/role.c is what is tested against it.
const workers = ['duty_officer', 'analyst', 'supervisor', 'contact'];
const desk = ['duty_officer', 'analyst', 'supervisor'];
export const roles = [...workers, 'helpline', 'ict_teacher', 'director', 'directorate', 'indicator_owner', 'coordinator', 'monitor', 'clerk', 'editor', 'oversight', 'administrator'];
export const may = {
  signed_in: roles,
  directory: roles,
  report_list: desk,
  report_read: desk,
  report_take: desk,
  report_assess: desk,
  report_answer: desk,
  people_list: [...desk, 'administrator'],
  people_admin: ['administrator'],
  unit_admit: ['supervisor', 'contact'],
  case_list: workers,
  case_read: workers,
  case_edit: workers,
  case_approve: workers,
  referral_list: workers,
  referral_read: workers,
  referral_send: workers,
  referral_act: workers,
  search: workers,
  figures: ['supervisor', 'coordinator', 'oversight'],
  contact_list: [...workers, 'coordinator', 'oversight', 'administrator'],
  referral_late: ['coordinator', 'oversight'],
  moderate: ['coordinator'],
  roster_edit: ['supervisor', 'administrator'],
  load: ['supervisor'],
  audit_read: ['oversight'],
  settings: ['administrator'],
  retention: ['supervisor', 'oversight', 'administrator'],
  erase: ['oversight'],
  unit_confirm: ['coordinator', 'oversight'],
  plan_enter: ['contact', 'directorate', 'indicator_owner', 'coordinator', 'clerk'], // of which indicator: tests/http/plan_values.test.mjs
  plan_approve: ['coordinator'],
  register_read: ['contact', 'directorate', 'indicator_owner', 'coordinator', 'monitor', 'clerk', 'editor', 'oversight'],
  plan_read: ['contact', 'directorate', 'indicator_owner', 'coordinator', 'monitor', 'clerk', 'editor', 'oversight'],
  plan_edit: ['coordinator'],
  register_edit: ['contact', 'directorate', 'indicator_owner', 'coordinator', 'clerk'], // of which register: tests/http/register.test.mjs
};
