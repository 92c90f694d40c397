using GpuScheduler.LoadTest;

return await Arguments.RunAsync(args);
