/* Exports the right name, and no function of it. */
__attribute__((visibility("default"))) const int llm_plugin_register = 4711;
