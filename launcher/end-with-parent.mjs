// Preloaded into children that are not our own code (Next.js): the end of the launcher, even by SIGKILL, ends them.
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
