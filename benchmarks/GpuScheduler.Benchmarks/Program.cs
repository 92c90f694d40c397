Console.WriteLine("GpuScheduler.Benchmarks");
