// The parts of Element Plus the console uses; nothing else of it is in the bundle.
import {
  ElAlert, ElButton, ElCheckbox, ElCheckboxGroup, ElConfigProvider, ElDatePicker, ElDialog, ElDrawer, ElDropdown, ElDropdownItem,
  ElDropdownMenu, ElForm, ElFormItem, ElIcon, ElInput, ElInputNumber, ElOption, ElPopover, ElProgress, ElRadio, ElRadioButton,
  ElRadioGroup, ElSelect, ElSwitch, ElTabPane, ElTabs, ElTooltip, ElTree,
} from "element-plus";
import type { App } from "vue";

const parts = [
  ElAlert, ElButton, ElCheckbox, ElCheckboxGroup, ElConfigProvider, ElDatePicker, ElDialog, ElDrawer, ElDropdown, ElDropdownItem,
  ElDropdownMenu, ElForm, ElFormItem, ElIcon, ElInput, ElInputNumber, ElOption, ElPopover, ElProgress, ElRadio, ElRadioButton,
  ElRadioGroup, ElSelect, ElSwitch, ElTabPane, ElTabs, ElTooltip, ElTree,
];

export function useElements(app: App) {
  for (const part of parts) app.use(part);
}
