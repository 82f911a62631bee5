// Preloaded into a child that leads its own process group: if its parent dies, even by SIGKILL, the
// whole group ends too, and no workerd is left behind. Node passes preloads on to the child's own
// children; those have their own channels and are not affected.
if (process.env.LEASH_HOLDER === String(process.ppid)) {
  process.once("disconnect", () => process.kill(0, "SIGKILL"));
  process.channel?.unref();
}
