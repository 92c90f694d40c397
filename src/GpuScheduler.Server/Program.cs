Console.WriteLine("gpu-scheduler");
