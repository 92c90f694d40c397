using GpuScheduler.Server.Commands;

return await CommandLine.RunAsync(args);
