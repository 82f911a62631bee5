// Preloaded into a child that leads its own process group: when the process that started it is gone,
// even by SIGKILL, the whole group goes too. No workerd is ever left behind.
// Node hands preloads on to the child's own children; they have channels of their own, to be left alone.
if (process.env.LEASH_HOLDER === String(process.ppid)) {
  process.once("disconnect", () => process.kill(0, "SIGKILL"));
  process.channel?.unref();
}
